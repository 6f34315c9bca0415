"""schema.org data of one published agreement, for search engines."""

import json
from datetime import date
from typing import Any

from django.utils.safestring import SafeString, mark_safe

# A closing tag inside the data must not end the element; JSON reads these escapes as the characters.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def json_ld_of(facts: dict[str, Any], url: str, on: date) -> SafeString:
    data = {
        "@context": "https://schema.org",
        "@type": "DigitalDocument",
        "@id": url,
        "url": url,
        "name": facts["title"] or "名称未登録の協定",
        "inLanguage": "ja",
        "datePublished": on.isoformat(),
        "dateCreated": facts["signed_on"].isoformat() if facts["signed_on"] else None,
        "publisher": {
            "@type": "GovernmentOrganization",
            "name": facts["municipality"]["name"],
            "identifier": facts["municipality"]["code"],
        },
        "contributor": [
            {"@type": "Organization", "name": party["name"], "identifier": party["corporate_number"]}
            for party in facts["parties"]
            if party["company"]
        ],
    }
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(text)  # noqa: S308  (escaped above)
