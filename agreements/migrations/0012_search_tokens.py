"""Search by tokens: the column, its index on either database, and the tokens of what is there already.

A later migration that makes SQLite rebuild `agreements_searchdocument` must call `create_index` at its end:
rebuilding a table drops its triggers (`daily` notices and repairs it, too).
"""

from collections import defaultdict

from django.db import migrations, models

import agreements.models.tokens_field
from agreements.domain import search_index
from agreements.models.tokens_field import TABLE, create_index, drop_index

CHUNK = 500


def store_apart(apps, schema_editor):
    """Small rows with the long texts aside, uncompressed: a scan of many hits reads 73 MB instead of GBs."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {TABLE} SET (toast_tuple_target = 128)")
        for column in ("public_text", "internal_text"):
            schema_editor.execute(f"ALTER TABLE {TABLE} ALTER COLUMN {column} SET STORAGE EXTERNAL")


def fill_tokens(apps, schema_editor):
    """Tokens of the stored texts; words that are new in the texts come with the next `daily`."""
    Document = apps.get_model("agreements", "SearchDocument")
    pks = list(Document.objects.values_list("pk", flat=True))
    for start in range(0, len(pks), CHUNK):
        chunk = pks[start : start + CHUNK]
        companies, categories = defaultdict(set), defaultdict(set)
        parties = apps.get_model("agreements", "Party").objects.filter(agreement__in=chunk)
        for agreement, company in parties.exclude(company=None).values_list("agreement_id", "company_id"):
            companies[agreement].add(company)
        fields = apps.get_model("agreements", "CooperationFieldCategory").objects
        for agreement, category in fields.filter(cooperation_field__agreement__in=chunk).values_list(
            "cooperation_field__agreement_id", "category"
        ):
            categories[agreement].add(category)
        documents = list(Document.objects.filter(pk__in=chunk).select_related("agreement"))
        for document in documents:
            agreement = document.agreement
            document.tokens = search_index.index_tokens(
                document.public_text[: search_index.LONGEST_TEXT],
                document.internal_text[: search_index.LONGEST_TEXT],
                search_index.facets(
                    municipality=agreement.municipality_id,
                    is_published=agreement.publication == "published",
                    is_deleted=agreement.deleted_at is not None,
                    companies=companies[agreement.pk],
                    categories=categories[agreement.pk],
                    year=agreement.fiscal_year,
                ),
            )
        Document.objects.bulk_update(documents, ["tokens"])


def make_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE INDEX agreements_searchindex ON {TABLE} USING gin (tokens)")
    create_index(schema_editor.connection.alias)


def remove_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX agreements_searchindex")
    drop_index(schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("agreements", "0011_calendar_feeds")]

    operations = [
        migrations.RunPython(store_apart, migrations.RunPython.noop),
        migrations.AddField(
            model_name="searchdocument",
            name="digest",
            field=models.CharField(default="", editable=False, max_length=32, verbose_name="照合値"),
        ),
        migrations.AddField(
            model_name="searchdocument",
            name="tokens",
            field=agreements.models.tokens_field.TokensField(
                default="", editable=False, verbose_name="索引語"
            ),
        ),
        migrations.AddIndex(
            model_name="agreement",
            index=models.Index(models.F("expires_on"), models.F("id"), name="agreement_expires"),
        ),
        migrations.AddIndex(
            model_name="agreement",
            index=models.Index(models.F("notice_on"), models.F("id"), name="agreement_notice"),
        ),
        migrations.AddIndex(
            model_name="agreement",
            index=models.Index(models.F("updated_at"), models.F("id"), name="agreement_updated"),
        ),
        migrations.RunPython(fill_tokens, migrations.RunPython.noop),
        migrations.RunPython(make_index, remove_index),
    ]
