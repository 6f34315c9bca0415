"""One small form for each move of an agreement: its day, its facts, and the verb that makes it."""

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import Q

from agreements.actions.approvals import approve, send_back, submit_for_approval, withdraw_approval
from agreements.actions.signing import sign
from agreements.actions.standing import decline, end, resume, suspend
from agreements.actions.transition import transition
from agreements.actions.undo import undo_last_transition
from agreements.choices import ApprovalDecision, EndedReason
from agreements.domain.lifecycle import Blocker, State
from agreements.models import Agreement, Approval
from agreements.models.transition import Transition
from municipalities.form_fields import NoticesMixin, ProseFormField, WarekiDateField
from municipalities.models import StaffMember

from .rows import form_field


class MoveForm(NoticesMixin, forms.Form):
    """A day, a comment, what else the move needs. `make` makes the move.

    `places` are the places of blockers (`lifecycle.Blocker`) that a field of this form answers.
    """

    label: ClassVar[str]
    lead: ClassVar[str]
    done: ClassVar[str]
    verb: ClassVar[Callable[..., Any]]
    is_danger: ClassVar[bool] = False
    places: ClassVar[dict[str, str]] = {"on": "on", "comment": "comment"}

    on = WarekiDateField(label="日付")
    comment = ProseFormField(
        label="コメント", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, agreement: Agreement, user: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agreement, self.user, self.today = agreement, user, today
        self.initial = {"on": today, "version": agreement.version, **self.initial}

    def facts(self) -> dict[str, Any]:
        """The arguments of the verb beside who, which and when it was seen."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def make(self) -> Any:
        """Make the move. Raises `ChangedMeanwhile`, `NotAllowed`."""
        return type(self).verb(
            agreement=self.agreement,
            by=self.user,
            version=self.cleaned_data["version"] or 0,
            today=self.today,
            **self.facts(),
        )

    def add_blocker(self, blocker: Blocker) -> bool:
        """Show the blocker at its field; False when no field of this form answers it."""
        name = self.places.get(blocker.place)
        if name is None or name not in self.fields:
            return False
        self.add_error(name, blocker.message)
        return True


class StartReviewForm(MoveForm):
    label = "庁内調整を始める"
    lead = "提案を受け付け、関係する課の意見を聞く段階に進めます。"
    done = "庁内調整に進みました。関係する課に意見を照会してください。"

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "target": State.REVIEWING.value}

    verb = staticmethod(transition)


class NegotiateForm(MoveForm):
    label = "相手方と協議する"
    lead = "庁内の意見がまとまったので、相手方とのすり合わせに進めます。"
    done = "相手方協議に進みました。"

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "target": State.NEGOTIATING.value}

    verb = staticmethod(transition)


class SubmitForm(MoveForm):
    label = "決裁に回す"
    lead = "決裁が終わるまで、協定の文言（名称、目的、当事者、連携事項、期間）は変更できなくなります。"
    done = "決裁に回しました。文言は変更できません。"
    verb = staticmethod(submit_for_approval)

    on = WarekiDateField(label="起案日")
    drafter = forms.ModelChoiceField(label="起案者", queryset=StaffMember.objects.none(), empty_label=None)
    document_number = form_field(
        Approval,
        "document_number",
        help_text="起案のときに番号を取っている場合に入力します。例：企第123号",
    )
    field_order = ("on", "drafter", "document_number", "comment")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drafter: Any = self.fields["drafter"]
        drafter.queryset = StaffMember.objects.filter(
            Q(municipality=self.agreement.municipality_id, is_active=True) | Q(pk=self.user.pk)
        )
        self.initial.setdefault("drafter", self.user.pk)


class SendBackForm(MoveForm):
    label = "差し戻す"
    lead = "相手方協議に戻します。文言を変更できるようになり、決裁は初めからやり直しになります。"
    done = "差し戻しました。文言を変更できます。"
    verb = staticmethod(send_back)

    comment = ProseFormField(label="差戻しの理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class SignForm(MoveForm):
    label = "締結する"
    lead = "協定を締結し、実施に移します。締結の後に文言を変えるときは、変更の手続きが必要です。"
    done = "締結を記録しました。"
    verb = staticmethod(sign)
    places = {**MoveForm.places, "signed_on": "on", "documents": "paper_original_only"}

    on = WarekiDateField(label="締結日")
    effective_on = WarekiDateField(
        label="効力発生日", required=False, help_text="締結日と同じときは空欄で構いません。"
    )
    first_expiry = WarekiDateField(
        label="当初の満了日",
        required=False,
        help_text="協定書の期間の条文から確かめます。定めがないときは空欄",
    )
    paper_original_only = form_field(
        Agreement,
        "paper_original_only",
        help_text="締結済みの協定書のファイルを登録せず、紙の原本だけを保管するとき",
    )
    field_order = ("on", "effective_on", "first_expiry", "paper_original_only", "comment")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("effective_on", "first_expiry", "paper_original_only"):
            self.initial.setdefault(name, getattr(self.agreement, name))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        signed_on, effective_on = cleaned.get("on"), cleaned.get("effective_on")
        first_expiry = cleaned.get("first_expiry")
        if signed_on and first_expiry and first_expiry < signed_on:
            self.add_error("first_expiry", "満了日が締結日より前です。どちらかの日付を直してください。")
        elif effective_on and first_expiry and first_expiry < effective_on:
            self.add_error("effective_on", "効力発生日が満了日より後です。どちらかの日付を直してください。")
        return cleaned

    def facts(self) -> dict[str, Any]:
        facts = super().facts()
        facts["signed_on"] = facts.pop("on")
        return facts


class SuspendForm(MoveForm):
    label = "休止する"
    lead = "協定を終わらせずに、取組を一時やめます。再開するまで「休止」と表示されます。"
    done = "休止にしました。"
    verb = staticmethod(suspend)

    comment = ProseFormField(label="休止の理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class ResumeForm(MoveForm):
    label = "再開する"
    lead = "休止していた協定を、締結・実施中に戻します。"
    done = "再開しました。"
    verb = staticmethod(resume)


class EndForm(MoveForm):
    label = "終了する"
    lead = "協定を終わりにします。記録と履歴は、保存年限まで残ります。"
    done = "終了を記録しました。"
    is_danger = True
    verb = staticmethod(end)
    places = {**MoveForm.places, "ended_on": "on", "ended_reason": "ended_reason"}

    on = WarekiDateField(label="終了日")
    ended_reason = forms.ChoiceField(
        label="終了の理由", choices=EndedReason.choices, widget=forms.RadioSelect
    )
    field_order = ("on", "ended_reason", "comment")

    def facts(self) -> dict[str, Any]:
        facts = super().facts()
        facts["ended_on"] = facts.pop("on")
        return facts


class DeclineForm(MoveForm):
    label = "見送る"
    lead = "この協定を結ばないことにします。提案の記録は残ります。"
    done = "見送りを記録しました。"
    is_danger = True
    verb = staticmethod(decline)
    places = {**MoveForm.places, "declined_reason": "comment"}

    comment = ProseFormField(label="見送りの理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def facts(self) -> dict[str, Any]:
        facts = super().facts()
        facts["reason"] = facts.pop("comment")
        return facts


class ApproveForm(MoveForm):
    label = "承認を記録する"
    lead = "決裁が終わったことを記録します。文書番号と決裁日が台帳に入ります。"
    done = "決裁を記録しました。締結に進めます。"
    verb = staticmethod(approve)
    places = {
        **MoveForm.places,
        "document_number": "document_number",
        "decider_title": "decider_title",
    }

    on = WarekiDateField(label="決裁日")
    document_number = form_field(Approval, "document_number", required=True)
    decider_title = form_field(Approval, "decider_title", required=True)
    decider_name = form_field(Approval, "decider_name")
    field_order = ("on", "document_number", "decider_title", "decider_name", "comment")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = self.agreement.approvals.filter(decision=ApprovalDecision.PENDING).first()
        for name in ("document_number", "decider_title", "decider_name"):
            self.initial.setdefault(name, getattr(waiting, name, ""))


class _TakeBackForm(MoveForm):
    """Taking something back happens today and says why."""

    on = None  # type: ignore[assignment]
    comment = ProseFormField(label="取消しの理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def facts(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["comment"]}


class WithdrawApprovalForm(_TakeBackForm):
    label = "承認を取り消す"
    lead = "誤って記録した承認を取り消し、決裁待ちに戻します。文言は変更できないままです。"
    done = "承認を取り消しました。決裁待ちに戻っています。"
    verb = staticmethod(withdraw_approval)


class UndoForm(_TakeBackForm):
    label = "直前の状態に戻す"
    lead = "誤って進めた手続きを取り消し、そのときに入力した日付なども元に戻します。取消しも履歴に残ります。"
    done = "直前の状態に戻しました。"
    verb = staticmethod(undo_last_transition)

    def __init__(self, *args: Any, last: Transition | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last = last


FORMS: dict[tuple[State, State], type[MoveForm]] = {
    (State.PROPOSED, State.REVIEWING): StartReviewForm,
    (State.REVIEWING, State.NEGOTIATING): NegotiateForm,
    (State.NEGOTIATING, State.APPROVING): SubmitForm,
    (State.APPROVING, State.ACTIVE): SignForm,
    (State.APPROVING, State.NEGOTIATING): SendBackForm,
    (State.ACTIVE, State.SUSPENDED): SuspendForm,
    (State.SUSPENDED, State.ACTIVE): ResumeForm,
    (State.ACTIVE, State.ENDED): EndForm,
    (State.SUSPENDED, State.ENDED): EndForm,
    **{
        (state, State.DECLINED): DeclineForm
        for state in (State.PROPOSED, State.REVIEWING, State.NEGOTIATING, State.APPROVING)
    },
}
"""The form of each move of `lifecycle.TRANSITIONS`."""
