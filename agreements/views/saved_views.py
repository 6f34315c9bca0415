"""保存した一覧: save, name, share, begin with it, be told of what newly matches, delete with undo."""

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.generic import View

from agreements.actions.saved_views import change_view, delete_view, restore_view, save_view, use_view
from agreements.filters import PAGE_PARAMETER, VIEW_PARAMETER
from agreements.forms.list_forms import ViewForm, ViewUseForm
from agreements.lists import LISTS, ListSpec
from agreements.models import SavedView, SavedViewUse
from municipalities import access

from .undo import offer_undo

MOST_KNOWN = 5_000
"""A view that is mailed matches so many rows at most: what is no news is remembered."""


def view_url(spec: ListSpec, view: SavedView) -> str:
    query = QueryDict(view.query, mutable=True)
    query[VIEW_PARAMETER] = str(view.pk)
    return f"{spec.url}?{query.urlencode(safe=',')}"


def views_of(spec: ListSpec, user: Any, current: str) -> dict[str, Any]:
    """The views this person may open, own ones first, and the one that is open."""
    begins = SavedViewUse.objects.filter(view=OuterRef("pk"), person=user.pk, is_default=True)
    found = SavedView.objects.visible_to(user).filter(list_key=spec.key).annotate(is_first=Exists(begins))
    rows = [
        {
            "view": view,
            "url": view_url(spec, view),
            "is_mine": view.owner_id == user.pk,
            "is_first": view.is_first,
            "is_current": str(view.pk) == current,
        }
        for view in found
    ]
    return {
        "rows": sorted(rows, key=lambda row: not row["is_mine"]),
        "current": next((row["view"] for row in rows if row["is_current"]), None),
        "may_share": may_share(user),
        "first": next((row["url"] for row in rows if row["is_first"]), ""),
    }


def may_share(user: Any) -> bool:
    return access.may_register(user)


class ViewCreateView(View):
    """Takes the name and the URL query of the list that is open."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        user: Any = request.user
        if key not in LISTS:
            raise Http404
        spec = LISTS[key]
        form = ViewForm(request.POST, may_share=may_share(user))
        query = QueryDict(request.POST.get("query", "")[:4000], mutable=True)
        for name in (PAGE_PARAMETER, VIEW_PARAMETER):
            query.pop(name, None)
        if not spec.select(query, user).is_valid():
            messages.error(request, "条件に誤りがあるため、保存できません。")
            return redirect(spec.url)
        if not form.is_valid():
            context = {
                "page_title": "一覧を保存",
                "form": form,
                "spec": spec,
                "query": query.urlencode(safe=","),
            }
            return TemplateResponse(request, "agreements/view_form.html", context)
        view = save_view(
            list_key=key,
            name=form.cleaned_data["name"],
            query=query.urlencode(safe=","),
            is_shared=form.cleaned_data.get("is_shared", False),
            by=user,
        )
        messages.success(request, f"「{view.name}」として保存しました。")
        return redirect(view_url(spec, view))


class ViewUpdateView(View):
    """Its name and sharing (for its owner and managers), and what one wants of it oneself."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(request, self.view(pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user: Any = request.user
        view = self.view(pk)
        form = self.form(view, request.POST)
        use_form = ViewUseForm(request.POST)
        if (form and not form.is_valid()) or not use_form.is_valid():
            return self.show(request, view, form, use_form)
        spec, known = LISTS[view.list_key], []
        if use_form.cleaned_data["mails"]:
            filterset = spec.select(view.query, user)
            if not filterset.is_valid():
                use_form.add_error("mails", "この一覧の条件は使えなくなっています。保存し直してください。")
                return self.show(request, view, form, use_form)
            known = list(filterset.qs.order_by("pk").values_list("pk", flat=True)[: MOST_KNOWN + 1])
            if len(known) > MOST_KNOWN:
                use_form.add_error(
                    "mails",
                    f"該当するものが{MOST_KNOWN:,}件を超えています。条件を絞った一覧を保存してください。",
                )
                return self.show(request, view, form, use_form)
        if form:
            is_shared = form.cleaned_data.get("is_shared", view.is_shared)
            change_view(view=view, name=form.cleaned_data["name"], is_shared=is_shared)
        use_view(view=view, by=user, known=known, **use_form.cleaned_data)
        messages.success(request, f"「{view.name}」の設定を保存しました。")
        return redirect(view_url(spec, view))

    def view(self, pk: int) -> SavedView:
        return get_object_or_404(SavedView.objects.visible_to(self.request.user), pk=pk)

    def may_edit(self, view: SavedView) -> bool:
        return SavedView.objects.editable_by(self.request.user).filter(pk=view.pk).exists()

    def form(self, view: SavedView, data: Any = None) -> ViewForm | None:
        if not self.may_edit(view):
            return None
        initial = {"name": view.name, "is_shared": view.is_shared}
        return ViewForm(data, initial=initial, may_share=may_share(self.request.user))

    def show(
        self, request: HttpRequest, view: SavedView, form: Any = None, use_form: Any = None
    ) -> HttpResponse:
        use = SavedViewUse.objects.filter(view=view, person=request.user.pk).first()
        chosen = {"is_default": use.is_default, "mails": use.mails} if use else {}
        context = {
            "page_title": f"保存した一覧「{view.name}」",
            "view": view,
            "spec": LISTS[view.list_key],
            "url": view_url(LISTS[view.list_key], view),
            "form": form or self.form(view),
            "use_form": use_form or ViewUseForm(initial=chosen),
        }
        return TemplateResponse(request, "agreements/view_edit.html", context)


class ViewDeleteView(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = get_object_or_404(SavedView.objects.alive().editable_by(request.user), pk=pk)
        delete_view(view=view)
        undo_url = reverse("agreements:view-restore", args=[view.pk])
        offer_undo(request, f"保存した一覧「{view.name}」を削除しました。", undo_url)
        return redirect(f"{LISTS[view.list_key].url}?{VIEW_PARAMETER}=none")


class ViewRestoreView(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        deleted = SavedView.objects.exclude(deleted_at=None).editable_by(request.user)
        view = get_object_or_404(deleted, pk=pk)
        restore_view(view=view)
        messages.success(request, f"「{view.name}」を元に戻しました。")
        return redirect(view_url(LISTS[view.list_key], view))
