"""Japanese text made searchable: one normal form, bigram tokens, and what a typed query asks for.

Two-character words (観光, 防災) are what people search, and no index of the databases finds them well. So a
text is cut into bigrams of our own, word by word (a word is what stands between spaces), and each word's last
character is added. Then, for any query word without spaces:

- 1 character is a prefix query: every character of a text begins one of its tokens;
- 2 characters are one token, and the token alone is the exact answer;
- 3 and more are all their bigrams, which may also stand apart, so the hits are rechecked against the text.

Text and query go through the same `normalise`, and everything here agrees with the plain definition in
`Query.matches`: the normalised text contains every word, every phrase, and none of the excluded words.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from agreements.domain.aligned_text import AlignedText
from agreements.domain.variants import VARIANTS

# --- The normal form ---

# Control characters (spaces stay), soft hyphens, zero-width and bidirectional marks, variation selectors
# (葛󠄀), surrogates: nothing a person sees or can type.
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
# 外字: their meaning is known to one system only, and facet tokens are kept apart by such a character.
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_MISSING = "〓"
_COMBINING_VOICE_MARKS = {0x309B: "\u3099", 0x309C: "\u309a"}  # か゛ → が

_SMALL_TO_LARGE = dict(zip("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ", strict=True))
_HYPHENS = "-‐‑‒–—―⁃−─━"
_ALIKE: dict[str, str | None] = {
    **_SMALL_TO_LARGE,  # キヤノン is キャノン, 富士フイルム is 富士フィルム, 鎌ヶ谷 is 鎌ケ谷
    "ぢ": "じ",  # ブリヂストン
    "づ": "ず",
    "ゐ": "い",
    "ゑ": "え",
    "ヷ": "わ",
    "ヸ": "い",
    "ヹ": "え",
    "ヺ": "を",
    "\u3099": None,  # a voice mark that belongs to no kana
    "\u309a": None,
    **dict.fromkeys(_HYPHENS, "ー"),  # ロ-ソン, 2020−09−23
    **dict.fromkeys("〜∼", "~"),
    **dict.fromkeys("·•‧∙", "・"),
}
_KATAKANA = {code: chr(code - 0x60) for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
FOLD: dict[int, str | None] = (
    VARIANTS
    | {ord(c): alike for c, alike in _ALIKE.items()}
    | {code: _ALIKE.get(kana, kana) for code, kana in _KATAKANA.items()}
)

LEGAL_FORMS = {
    "株": "株式会社",
    "有": "有限会社",
    "一社": "一般社団法人",
    "一財": "一般財団法人",
    "公社": "公益社団法人",
    "公財": "公益財団法人",
    "特非": "特定非営利活動法人",
}
_LEGAL_FORM = re.compile(rf"\(({'|'.join(LEGAL_FORMS)})\)")


def normalise(text: str) -> str:
    """The form in which texts are stored for search and compared; never raises, idempotent.

    NFKC (half- and full-width, ㈱, ①) → case folded → katakana as hiragana → variants as one character
    (`variants`), small kana as large, ぢづ as じず, every hyphen and dash as ー, (株) as 株式会社 → runs of
    white space as one space, none at the ends. Invisible characters are dropped; private-use characters
    (外字) become 〓.
    """
    text = _PRIVATE_USE.sub(_MISSING, _DROPPED.sub("", text)).translate(_COMBINING_VOICE_MARKS)
    # Case folding may take a character apart that NFKC puts together again (ǰ).
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = _LEGAL_FORM.sub(lambda match: LEGAL_FORMS[match[1]], text.translate(FOLD))
    return " ".join(text.split())


# --- Tokens of a text ---

FACET = "\ue000"
"""Begins every facet token; `normalise` lets no such character through, so no text can pretend to be a
facet."""


def search_tokens(text: str) -> set[str]:
    """The tokens by which a text is found: the bigrams of each word and each word's last character."""
    tokens: set[str] = set()
    for word in normalise(text).split():
        tokens |= _bigrams(word)
        tokens.add(word[-1])
    return tokens


def facet(name: str, value: object) -> str:
    """The token that stands for a property (municipality, company, category, year, visibility) of a
    record."""
    return f"{FACET}{name}:{value}"


def _bigrams(word: str) -> set[str]:
    return {word[i : i + 2] for i in range(len(word) - 1)}


# --- What a query asks for ---


@dataclass(frozen=True, slots=True)
class Term:
    """One word or phrase of a query, as the index is asked for it.

    A text is a hit when it has every token of `tokens` and, if `prefix` is set, a token that begins with it;
    then, if `recheck` is true, its normalised text must also contain `text`.
    """

    text: str
    tokens: frozenset[str]
    prefix: str | None
    recheck: bool

    @classmethod
    def of(cls, text: str) -> "Term":
        """The term for normalised text (not empty); it may hold spaces, as a phrase does.

        A piece before a space ends a word of the text, so its last character is a token; the last piece may
        go on.
        """
        *ended, last = text.split(" ")
        tokens: set[str] = set()
        for piece in ended:
            tokens |= _bigrams(piece) | {piece[-1]}
        tokens |= _bigrams(last)
        return cls(text, frozenset(tokens), last if len(last) == 1 else None, len(text) > 2)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. All texts are normalised; phrases may hold spaces, and so may what is excluded.

    A record is found when it contains every word of `include` and every phrase of `phrases`, and nothing of
    `exclude`. Excluding is exact only after the recheck: two bigrams may stand apart in a text that must
    stay.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.include or self.exclude or self.phrases)

    @property
    def required(self) -> tuple[Term, ...]:
        """What a hit must contain, the longest (usually the rarest) first."""
        texts = dict.fromkeys((*self.include, *self.phrases))
        return tuple(Term.of(text) for text in sorted(texts, key=len, reverse=True))

    @property
    def forbidden(self) -> tuple[Term, ...]:
        """What a hit must not contain."""
        return tuple(Term.of(text) for text in self.exclude)

    def matches(self, *texts: str) -> bool:
        """The definition: whether a record with these texts is found, without any index.

        Each word may stand in another text, but no word or phrase goes over the end of one.
        """
        searched = [normalise(text) for text in texts]

        def occurs(wanted: str) -> bool:
            return any(wanted in text for text in searched)

        return all(occurs(term.text) for term in self.required) and not any(map(occurs, self.exclude))


_MINUS = "-－−"
_TERM = re.compile(
    rf"(?P<minus>[{_MINUS}](?!\s|$))?"
    r"(?:[\"＂“”](?P<quoted>[^\"＂“”]*)(?:[\"＂“”]|$)"
    r"|「(?P<bracketed>[^」]*)(?:」|$)"
    r"|『(?P<double>[^』]*)(?:』|$)"
    r"|(?P<word>[^\s\"＂“”「『]+))"
)


def query_terms(query: str) -> Query:
    """Parse what a person typed: words separated by spaces (all must occur), "…" 「…」 『…』 phrases, −word
    to exclude.

    A quotation that is not closed goes to the end. A minus sign inside a word (A-1) is part of it, one alone
    means nothing. Never raises; a query without a searchable character is empty (false).
    """
    include: dict[str, None] = {}
    exclude: dict[str, None] = {}
    phrases: dict[str, None] = {}
    for match in _TERM.finditer(query):
        word = match["word"]
        if word is not None and not word.strip(_MINUS):
            continue
        quoted = next((match[g] for g in ("quoted", "bracketed", "double") if match[g] is not None), None)
        text = normalise(word if quoted is None else quoted)
        if not text:
            continue
        target = exclude if match["minus"] else include if quoted is None else phrases
        # Normalising may bring a space into a word (´ → space + accent): then it is two words, unless
        # excluded.
        for part in text.split(" ") if target is include else [text]:
            target[part] = None
    return Query(tuple(include), tuple(exclude), tuple(phrases))


# --- Where the words stand in the original ---

_CLUSTER = re.compile(
    rf"\s+|[(（](?:{'|'.join(LEGAL_FORMS)})[)）]"
    r"|\S[\u0300-\u036f\u3099-\u309c\uff9e\uff9f\ufe00-\ufe0f\u200b-\u200f\U000e0100-\U000e01ef]*"
)


def highlights(source: str, texts: Iterable[str]) -> list[tuple[int, int]]:
    """Where normalised texts stand in the original `source`: (start, end), in order, merged where they
    touch."""
    folded = AlignedText.build(source, _fold_cluster, _CLUSTER)
    spans = sorted(
        folded.span(match.start(), match.end())
        for text in texts
        if text
        for match in re.finditer(re.escape(text), folded.text)
    )
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


@lru_cache(maxsize=8192)
def _fold_cluster(cluster: str) -> str:
    return " " if cluster.isspace() else normalise(cluster)
