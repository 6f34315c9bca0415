"""公開準備, 公開, 訂正, 取下げ: what goes out, when, and by whose approval.

Each 公開 writes an edition that stays as it is; the public pages show the newest one, so what someone changes
in the ledger afterwards goes out with the next approval, visibly and with its date.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.core.cache import caches
from django.db import transaction

from agreements import open_data
from agreements.choices import AgreementState, EditionKind, Publication, PublicField
from agreements.file_properties import is_cleanable
from agreements.models import Agreement, PublicCopy, PublicEdition, PublicProfile
from municipalities import access
from municipalities.models import Municipality, StaffMember

from .public_documents import choosable, choose_documents, make_copies
from .transition import claim
from .webhooks import announce_edition

PUBLISHABLE = frozenset({AgreementState.ACTIVE, AgreementState.SUSPENDED, AgreementState.ENDED})
STAMP = "stamp"  # in the cache of public pages: the state of everything public
NARROWED = "公開する項目の見直し"


class PublicationRefused(Exception):
    """The step is not possible; the message says why, in Japanese."""


@transaction.atomic
def prepare(
    *, agreement: Agreement, by: StaffMember, version: int, documents: Collection[int] | None = None
) -> Agreement:
    """公開準備: the 課 asks for the approval of a manager, with the `documents` that are to go out."""
    agreement = claim(agreement, version)
    if not access.may_edit(by, agreement) or agreement.publication == Publication.PUBLISHED:
        raise PublicationRefused("この協定を公開準備にすることはできません。")
    _keep_signed(agreement)
    if documents is not None:
        choose_documents(agreement=agreement, chosen=documents, by=by)
    return _set(agreement, Publication.PREPARING)


@transaction.atomic
def unprepare(*, agreement: Agreement, by: StaffMember, version: int) -> Agreement:
    """公開準備をやめる: back to what it was."""
    agreement = claim(agreement, version)
    if not access.may_edit(by, agreement) or agreement.publication != Publication.PREPARING:
        raise PublicationRefused("この協定は公開準備ではありません。")
    withdrawn = PublicEdition.objects.filter(agreement=agreement, kind=EditionKind.WITHDRAWN)
    return _set(agreement, Publication.WITHDRAWN if withdrawn.exists() else Publication.PRIVATE)


def publish(
    *,
    agreement: Agreement,
    by: StaffMember,
    version: int,
    today: date,
    reason: str = "",
    documents: Collection[int] | None = None,
) -> PublicEdition:
    """公開する, or publish what changed since: a manager approves exactly what the preview shows.

    `documents` are those chosen on the preview; without them those that are marked already.
    """
    if not access.may_decide(by, agreement):
        raise PublicationRefused("公開を承認できるのは、管理（企画課）の職員です。")
    if PublicField.DOCUMENTS in PublicProfile.of(agreement.municipality).fields:
        going = choosable(agreement)
        going = going.filter(is_public=True) if documents is None else going.filter(pk__in=documents)
        if failed := make_copies(documents=going):
            names = "」「".join(each.title for each in failed)
            raise PublicationRefused(
                f"書類「{names}」から、作成者名などのファイルの情報を取り除けません。"
                "PDFに印刷し直すか、画像を保存し直して登録するか、選択から外してください。"
            )
    return _publish(agreement, by, version, today, reason, documents)


@transaction.atomic
def _publish(
    agreement: Agreement,
    by: StaffMember,
    version: int,
    today: date,
    reason: str,
    documents: Collection[int] | None,
) -> PublicEdition:
    agreement = claim(agreement, version)
    if not access.may_decide(by, agreement):
        raise PublicationRefused("公開を承認できるのは、管理（企画課）の職員です。")
    _keep_signed(agreement)
    if documents is not None:
        choose_documents(agreement=agreement, chosen=documents, by=by)
    facts = open_data.public_facts(agreement, PublicProfile.of(agreement.municipality).fields)
    _keep_clean(facts)
    last = standing_edition(agreement)
    if last is not None:
        if last.payload == facts:
            raise PublicationRefused("公開している内容から変わったところはありません。")
        if not reason:
            raise PublicationRefused("公開している内容を変えるときは、理由を入力してください。")
    edition = _write(
        agreement,
        kind=EditionKind.CORRECTED if last else EditionKind.PUBLISHED,
        facts=facts,
        changed=open_data.changed_labels(last.payload, facts) if last else [],
        reason=reason,
        by=by,
        today=today,
    )
    if last is None:
        agreement.published_on = today
    _set(agreement, Publication.PUBLISHED)
    return edition


@transaction.atomic
def withdraw(
    *, agreement: Agreement, by: StaffMember, version: int, today: date, reason: str
) -> PublicEdition:
    """取下げ: nothing of the agreement stays public but that it was, until when, and why."""
    agreement = claim(agreement, version)
    if not access.may_decide(by, agreement):
        raise PublicationRefused("公開を取り下げられるのは、管理（企画課）の職員です。")
    if agreement.publication != Publication.PUBLISHED:
        raise PublicationRefused("この協定は公開していません。")
    if not reason:
        raise PublicationRefused("取り下げる理由を入力してください。公開ページに表示されます。")
    edition = _write(
        agreement, kind=EditionKind.WITHDRAWN, facts={}, changed=[], reason=reason, by=by, today=today
    )
    _set(agreement, Publication.WITHDRAWN)
    return edition


@transaction.atomic
def save_profile(*, profile: PublicProfile, by: StaffMember, today: date) -> int:
    """Save the settings; what the whitelist holds no longer leaves the public pages at once.

    What it holds in addition goes out with the next approval of each agreement. Returns how many changed.
    """
    profile.save()
    _show_at_once()
    return _narrow(profile.municipality, profile.fields, by, today)


def standing_edition(agreement: Agreement) -> PublicEdition | None:
    return PublicEdition.objects.standing().filter(agreement=agreement).first()


def _narrow(municipality: Municipality, fields: Collection[str], by: StaffMember, today: date) -> int:
    standing = PublicEdition.objects.standing().filter(municipality=municipality)
    changed = 0
    for edition in standing.select_related("agreement", "municipality"):
        facts = open_data.reduced(edition.payload, fields)
        if facts != edition.payload:
            _write(
                edition.agreement,
                kind=EditionKind.CORRECTED,
                facts=facts,
                changed=open_data.changed_labels(edition.payload, facts),
                reason=NARROWED,
                by=by,
                today=today,
            )
            changed += 1
    return changed


def _write(
    agreement: Agreement,
    *,
    kind: EditionKind,
    facts: dict[str, Any],
    changed: list[str],
    reason: str,
    by: StaffMember | None,
    today: date,
) -> PublicEdition:
    _show_at_once()
    editions = PublicEdition.objects.filter(agreement=agreement)
    number = (editions.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    editions.filter(is_current=True).update(is_current=False)
    edition = PublicEdition.objects.create(
        agreement=agreement,
        municipality=agreement.municipality,
        number=number,
        kind=kind,
        payload=facts,
        changed=changed,
        reason=reason,
        by=by,
        on=today,
        **(open_data.columns_of(facts) if facts else {}),
    )
    announce_edition(edition)
    return edition


def _show_at_once() -> None:
    """Whoever publishes looks at the page next: it must not be the one of a moment ago."""
    transaction.on_commit(lambda: caches["public"].delete(STAMP))


def _keep_signed(agreement: Agreement) -> None:
    if agreement.state not in PUBLISHABLE:
        raise PublicationRefused("締結していない協定は公開できません。")


def _keep_clean(facts: dict[str, Any]) -> None:
    """A document that was chosen since the copies were made must not go out as it is."""
    listed = [each["id"] for each in facts.get("documents", ()) if is_cleanable(each["content_type"])]
    if PublicCopy.objects.filter(document__in=listed).count() < len(listed):
        raise PublicationRefused("公開する書類が変わりました。内容を確かめて、もう一度公開してください。")


def _set(agreement: Agreement, publication: Publication) -> Agreement:
    agreement.publication = publication
    agreement.save(update_fields=["publication", "published_on", "updated_at"])
    return agreement
