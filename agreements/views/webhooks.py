"""通知先（Webhook）: a manager says which systems are told what, and sees what arrived."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, TemplateView, View

from agreements.actions import webhooks
from agreements.forms.webhook_forms import WebhookForm
from agreements.models import WebhookDelivery, WebhookEndpoint
from agreements.notifications.webhooks import deliver_one
from municipalities.views.managers import OwnMunicipalityManagerMixin

from .undo import offer_undo, take_offer

_LIST = "agreements:webhook-list"
_PER_PAGE = 50
_AT_REST = "休止・停止しているあいだは送れません。先に再開してください。"


class WebhookMixin(OwnMunicipalityManagerMixin):
    """Endpoints of the manager's own municipality; system admins have none."""

    request: HttpRequest
    kwargs: dict[str, Any]

    def endpoints(self) -> QuerySet[WebhookEndpoint]:
        return WebhookEndpoint.objects.managed_by(self.request.user)

    def endpoint(self) -> WebhookEndpoint:
        return get_object_or_404(self.endpoints().select_related("municipality"), pk=self.kwargs["pk"])

    @property
    def user(self) -> Any:
        return self.request.user


class WebhookListView(WebhookMixin, TemplateView):
    template_name = "agreements/webhook_list.html"
    extra_context = {"page_title": "通知先（Webhook）"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = Count("deliveries", filter=Q(deliveries__delivered_at=None, deliveries__given_up_at=None))
        endpoints = self.endpoints().annotate(waiting_count=waiting)
        return super().get_context_data(**kwargs, endpoints=endpoints, undo=take_offer(self.request))


class WebhookDetailView(WebhookMixin, TemplateView):
    """One endpoint with the log of what was sent to it."""

    template_name = "agreements/webhook_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        endpoint = self.endpoint()
        log = endpoint.deliveries.select_related("agreement").order_by("-pk")  # type: ignore[attr-defined]
        page_obj = Paginator(log, _PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page_title=endpoint.name, endpoint=endpoint, page_obj=page_obj, undo=take_offer(self.request)
        )


class WebhookCreateView(WebhookMixin, FormView):
    form_class = WebhookForm
    template_name = "agreements/webhook_form.html"
    extra_context = {"page_title": "通知先の登録"}

    def form_valid(self, form: WebhookForm) -> HttpResponse:
        endpoint, secret = webhooks.add_endpoint(
            municipality=self.municipality, values=form.values(), by=self.user
        )
        return show_secret(self.request, endpoint, secret)


class WebhookUpdateView(WebhookMixin, FormView):
    form_class = WebhookForm
    template_name = "agreements/webhook_form.html"
    extra_context = {"page_title": "通知先の変更"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": self.endpoint()}

    def form_valid(self, form: WebhookForm) -> HttpResponse:
        seen = form.seen_at
        saved = seen is not None and webhooks.change_endpoint(
            endpoint=form.instance, values=form.values(), by=self.user, seen=seen
        )
        if not saved:
            form.tell_of_conflict(self.endpoint())
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, f"通知先「{form.instance.name}」を保存しました。")
        return redirect(form.instance)


class WebhookStepView(WebhookMixin, View):
    """One step with one endpoint, by POST, back to its page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        endpoint = self.endpoint()
        return self.step(endpoint) or redirect(endpoint)

    def step(self, endpoint: WebhookEndpoint) -> HttpResponse | None:
        raise NotImplementedError


class WebhookSecretView(WebhookStepView):
    def step(self, endpoint: WebhookEndpoint) -> HttpResponse:
        return show_secret(self.request, endpoint, webhooks.renew_secret(endpoint=endpoint, by=self.user))


class WebhookPauseView(WebhookStepView):
    def step(self, endpoint: WebhookEndpoint) -> None:
        webhooks.pause_endpoint(endpoint=endpoint, by=self.user, now=timezone.now())
        url = reverse("agreements:webhook-resume", args=[endpoint.pk])
        offer_undo(self.request, "通知を休止しました。そのあいだのできごとは、再開したときに送ります。", url)


class WebhookResumeView(WebhookStepView):
    def step(self, endpoint: WebhookEndpoint) -> None:
        webhooks.resume_endpoint(endpoint=endpoint, by=self.user, now=timezone.now())
        messages.success(self.request, "通知を再開しました。待っていたできごとは、まもなく送ります。")


class WebhookTestView(WebhookStepView):
    """Sends a message at once and tells what came of it."""

    def step(self, endpoint: WebhookEndpoint) -> None:
        if not endpoint.is_sending:
            messages.error(self.request, _AT_REST)
            return
        delivery = webhooks.announce_test(endpoint=endpoint)
        tell(self.request, delivery, "テストの通知")


class WebhookDeleteView(WebhookStepView):
    def step(self, endpoint: WebhookEndpoint) -> HttpResponse:
        webhooks.delete_endpoint(endpoint=endpoint, by=self.user, now=timezone.now())
        url = reverse("agreements:webhook-restore", args=[endpoint.pk])
        offer_undo(self.request, f"通知先「{endpoint.name}」を削除しました。", url)
        return redirect(_LIST)


class WebhookRestoreView(WebhookStepView):
    def endpoints(self) -> QuerySet[WebhookEndpoint]:
        return WebhookEndpoint.objects.restorable_by(self.request.user)

    def step(self, endpoint: WebhookEndpoint) -> HttpResponse:
        webhooks.restore_endpoint(endpoint=endpoint, by=self.user)
        messages.success(self.request, f"通知先「{endpoint.name}」を元に戻しました。")
        return redirect(_LIST)


class WebhookResendView(WebhookMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = WebhookDelivery.objects.filter(endpoint__in=self.endpoints().order_by())
        delivery = get_object_or_404(found.select_related("endpoint"), pk=pk)
        if not delivery.endpoint.is_sending:
            messages.error(request, _AT_REST)
            return redirect(delivery.endpoint)
        webhooks.send_again(delivery=delivery, by=self.user, now=timezone.now())
        tell(request, delivery, "通知")
        return redirect(delivery.endpoint)


def tell(request: HttpRequest, delivery: WebhookDelivery, what: str) -> None:
    """Send it now, and say what came of it."""
    outcome = deliver_one(delivery.pk, now=timezone.now())
    if outcome is None:
        messages.info(request, f"{what}は、まもなく送ります。")
    elif outcome.is_delivered:
        messages.success(request, f"{what}が届きました（応答 {outcome.status}）。")
    else:
        messages.error(request, f"{what}は届きませんでした。{outcome.error}")


def show_secret(request: HttpRequest, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
    """In the answer, once: it is not in the session and on no other page."""
    context = {"page_title": "署名の鍵", "endpoint": endpoint, "secret": secret}
    response = render(request, "agreements/webhook_secret.html", context)
    response["Cache-Control"] = "private, no-store"
    return response
