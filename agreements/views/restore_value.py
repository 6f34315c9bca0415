"""この値に戻す: one field of an agreement's history, shown before and after, brought back on confirmation."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.generic import View

from agreements.actions.register import ChangedMeanwhile
from agreements.actions.restore_value import (
    PastValue,
    agreement_id_of,
    change_record,
    past_value,
    restore_value,
)
from agreements.domain.procedure import TextLock
from agreements.forms.change_reason import RestoreValueForm
from agreements.models import Agreement
from municipalities import access
from municipalities.change_log import spoken


class RestoreValueView(View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.value = self._value()
        return super().dispatch(request, *args, **kwargs)

    def _value(self) -> PastValue:
        record = change_record(model_name=self.kwargs["model"], history_id=self.kwargs["history_id"])
        if record is None:
            raise Http404
        visible = Agreement.objects.visible_to(self.request.user).select_related("municipality")
        agreement = get_object_or_404(visible, pk=agreement_id_of(record))
        if not access.may_edit(self.request.user, agreement):
            raise PermissionDenied
        value = past_value(agreement, record, self.kwargs["field"])
        if value is None:
            raise Http404
        return value

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show(self._form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self._form(request.POST)
        if not form.is_valid():
            return self._show(form)
        try:
            by: Any = request.user
            restore_value(value=self.value, by=by, today=timezone.localdate(), **form.cleaned_data)
        except ChangedMeanwhile:
            # The reason stays; the values shown and decided on are those of now.
            again = self._form({**request.POST.dict(), **self._as_of_now()})
            return self._show(again, has_changed=True, status=409)
        except ValidationError as error:
            form.add_error(None, error)
            return self._show(form)
        messages.success(request, f"「{self.value.field.verbose_name}」を元の値に戻しました。")
        return redirect(f"{self.value.agreement.get_absolute_url()}#history")

    def _form(self, data: Any = None) -> RestoreValueForm:
        form = RestoreValueForm(data, initial=self._as_of_now())
        form.fields["reason"].required = self.value.lock is TextLock.CORRECTABLE
        return form

    def _as_of_now(self) -> dict[str, int]:
        return {"version": self.value.agreement.version, "seen": self.value.seen}

    def _show(self, form: RestoreValueForm, *, has_changed: bool = False, status: int = 200) -> HttpResponse:
        value = self.value
        context = {
            "page_title": f"「{value.field.verbose_name}」を元の値に戻す",
            "agreement": value.agreement,
            "value": value,
            "subject": "" if isinstance(value.row, Agreement) else str(value.row),
            "kind": value.row._meta.verbose_name,
            "current": spoken(value.field, value.current),
            "past": spoken(value.field, value.past),
            "is_same": value.current == value.past,
            "has_changed": has_changed,
            "form": form,
        }
        return TemplateResponse(self.request, "agreements/restore_value.html", context, status=status)
