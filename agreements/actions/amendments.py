"""変更の手続き: copy the text, edit the copy, decide, merge it into the running text; or give it up.

What was agreed changes in no other way: the text of an agreement in force is locked.
"""

from datetime import date

from django.db import IntegrityError
from django.db import transaction as database
from django.db.models import F, Max

from agreements.choices import AmendmentState
from agreements.domain import procedure
from agreements.domain.agreement_text import VALUE_FIELDS, AgreementText, ItemText
from agreements.domain.lifecycle import Blocker
from agreements.models import Agreement, Amendment, AmendmentItem, SearchDocument
from agreements.models.agreement import IN_FORCE
from municipalities import fiscal_year
from municipalities.models import StaffMember
from municipalities.wareki import format_wareki

from .approvals import normalise_number, number_is_taken
from .drafts import ItemDraft
from .register import ChangedMeanwhile, write_items
from .transition import NotAllowed, claim, give_reason

_NUMBER_TAKEN = Blocker(
    "document_number_taken", "この文書番号は、同じ年度にすでに使われています。", "document_number"
)


def current_text(agreement: Agreement) -> AgreementText:
    """The running text of the agreement."""
    items = agreement.cooperation_fields.prefetch_related("categories")
    return AgreementText(
        **{name: getattr(agreement, name) for name in VALUE_FIELDS},
        items=tuple(
            ItemText(item.text, tuple(each.category for each in item.categories.all()), item.pk)
            for item in items
        ),
    )


def find_start_blockers(agreement: Agreement) -> list[Blocker]:
    """What forbids a new 変更案; [] when one may be begun."""
    if agreement.state not in IN_FORCE:
        return [
            Blocker("not_in_force", "実施中または休止の協定ではないため、変更の手続きはできません。", "state")
        ]
    if agreement.amendments.drafts().exists():  # type: ignore[attr-defined]
        return [Blocker("has_draft", "この協定には、すでに変更案があります。", "state")]
    return []


@database.atomic
def start_amendment(
    *,
    agreement: Agreement,
    reason: str,
    by: StaffMember,
    version: int,
    today: date,
    reverts: Amendment | None = None,
) -> Amendment:
    """Copy the running text; with `reverts`, propose the text that this amendment had replaced.

    Raises `ChangedMeanwhile`, `NotAllowed`; then nothing is written.
    """
    stored = claim(agreement, version)
    blockers = find_start_blockers(stored)
    if not reason.strip():
        blockers.append(Blocker("no_reason", "変更の理由を入力してください。", "comment"))
    if reverts is not None and (reverts.agreement_id != stored.pk or reverts.previous is None):
        blockers.append(Blocker("nothing_to_revert", "元に戻せる変更ではありません。", "state"))
    if blockers:
        raise NotAllowed(blockers)
    running = current_text(stored)
    text = AgreementText.from_json(reverts.previous) if reverts and reverts.previous else running
    last = stored.amendments.aggregate(number=Max("number"))["number"] or 0  # type: ignore[attr-defined]
    amendment = Amendment.objects.create(
        agreement=stored,
        municipality=stored.municipality,
        number=last + 1,
        reason=reason,
        reverts=reverts,
        base=running.as_json(),
        created_by=by,
        **text.values(),
    )
    _write_items(amendment, text.items)
    return amendment


@database.atomic
def change_amendment(*, amendment: Amendment, text: AgreementText, reason: str, version: int) -> Amendment:
    """Write the draft anew. `version` is its own, as the form showed it. Raises `ChangedMeanwhile`."""
    stored = _claim_draft(amendment, version)
    for name, value in text.values().items():
        setattr(stored, name, value)
    stored.reason = reason
    stored.save()
    _write_items(stored, text.items)
    return stored


@database.atomic
def merge_amendment(
    *,
    amendment: Amendment,
    seen: int,
    agreement: Agreement,
    document_number: str,
    decided_on: date,
    effective_on: date,
    by: StaffMember,
    version: int,
    today: date,
    comment: str = "",
) -> Amendment:
    """決裁して反映する: the proposed text becomes the running one, the replaced one is kept.

    `version` is the agreement's, `seen` the draft's, as they were shown with the differences. Raises
    `ChangedMeanwhile` and `NotAllowed`; then nothing is written.
    """
    stored = claim(agreement, version)
    draft = _claim_draft(amendment, seen)
    previous, text = current_text(stored), draft.text
    number = normalise_number(document_number)
    blockers = _merge_blockers(stored, previous, text, number, decided_on, effective_on, today)
    if blockers:
        raise NotAllowed(blockers)
    for name, value in text.values().items():
        setattr(stored, name, value)
    stored.set_expiry(today)
    give_reason(stored, f"{draft}の反映（{number}、{format_wareki(effective_on)}から）{draft.reason}")
    stored.save()
    write_items(stored, tuple(ItemDraft(text=i.text, categories=i.categories, id=i.id) for i in text.items))
    SearchDocument.objects.refresh([stored.pk])
    draft.state, draft.previous = AmendmentState.MERGED, previous.as_json()
    draft.document_number, draft.decided_on, draft.effective_on = number, decided_on, effective_on
    draft.fiscal_year = fiscal_year.fiscal_year_of(decided_on)
    draft.decided_by, draft.comment = by, comment
    try:
        with database.atomic():
            draft.save()
    except IntegrityError as error:  # somebody took the number at this very moment
        raise NotAllowed([_NUMBER_TAKEN]) from error
    return draft


@database.atomic
def give_up_amendment(
    *, amendment: Amendment, seen: int, state: str, by: StaffMember, comment: str, today: date
) -> Amendment:
    """見送り (decided against) or 取下げ (by those who proposed it), with a reason; the draft is kept."""
    if state not in {AmendmentState.REJECTED, AmendmentState.WITHDRAWN}:
        raise TypeError(f"not a way to give up: {state}")
    draft = _claim_draft(amendment, seen)
    if not comment.strip():
        raise NotAllowed([Blocker("no_comment", "理由を入力してください。", "comment")])
    draft.state = AmendmentState(state)
    draft.decided_on, draft.decided_by, draft.comment = today, by, comment
    draft.save()
    return draft


def _merge_blockers(
    agreement: Agreement,
    previous: AgreementText,
    text: AgreementText,
    number: str,
    decided_on: date,
    effective_on: date,
    today: date,
) -> list[Blocker]:
    blockers = procedure.check_day(decided_on, today=today, earliest=agreement.signed_on, what="締結日")
    blockers += [
        Blocker(each.code, each.message, "effective_on")
        for each in procedure.check_day(
            effective_on, today=today, earliest=agreement.signed_on, what="締結日"
        )
    ]
    if agreement.state not in IN_FORCE:
        blockers += find_start_blockers(agreement)
    if previous.wording() == text.wording():
        blockers.append(Blocker("no_change", "今の文言から何も変わっていません。", "text"))
    if not text.items:
        blockers.append(Blocker("no_item", "連携事項を1件以上入力してください。", "text"))
    if agreement.effective_on and text.first_expiry and text.first_expiry < agreement.effective_on:
        blockers.append(Blocker("expires_too_early", "満了日が効力発生日より前です。", "text"))
    if not number:
        blockers.append(Blocker("no_document_number", "文書番号を入力してください。", "document_number"))
    elif number_is_taken(agreement.municipality, number, decided_on) or _is_taken(
        agreement, number, decided_on
    ):
        blockers.append(_NUMBER_TAKEN)
    return blockers


def _is_taken(agreement: Agreement, number: str, decided_on: date) -> bool:
    """Whether another amendment was decided under this number in the same 年度."""
    year = fiscal_year.fiscal_year_of(decided_on)
    merged = Amendment.objects.filter(state=AmendmentState.MERGED, fiscal_year=year, document_number=number)
    return merged.filter(municipality=agreement.municipality_id).exists()


def _claim_draft(amendment: Amendment, version: int) -> Amendment:
    """The stored draft, ours until the transaction ends. Raises `ChangedMeanwhile`."""
    mine = Amendment.objects.drafts().filter(pk=amendment.pk, version=version)
    if not mine.update(version=F("version") + 1):
        raise ChangedMeanwhile
    return Amendment.objects.get(pk=amendment.pk)


def _write_items(amendment: Amendment, items: tuple[ItemText, ...]) -> None:
    """Each running item is reworded by one proposed item at most; one that is gone is proposed as new."""
    free = set(amendment.agreement.cooperation_fields.values_list("pk", flat=True))
    amendment.items.all().delete()  # type: ignore[attr-defined]
    rows = []
    for number, item in enumerate(items, start=1):
        replaces = item.id if item.id in free else None
        free.discard(replaces)
        rows.append(
            AmendmentItem(
                amendment=amendment,
                number=number,
                text=item.text,
                categories=list(item.categories),
                replaces_id=replaces,
            )
        )
    AmendmentItem.objects.bulk_create(rows)
