"""What pydantic finds wrong, said in Japanese."""

from collections.abc import Iterable
from typing import Any

_MISSING = "必須の項目です。"
_UNKNOWN = "このAPIにない項目です。綴りを確かめてください。"
_WORDS = {
    "missing": _MISSING,
    "extra_forbidden": _UNKNOWN,
    "int_type": "整数で指定してください。",
    "int_parsing": "整数で指定してください。",
    "int_parsing_size": "数が大きすぎます。",
    "int_from_float": "整数で指定してください。",
    "bool_type": "true か false で指定してください。",
    "bool_parsing": "true か false で指定してください。",
    "string_type": "文字列で指定してください。",
    "string_pattern_mismatch": "形式が正しくありません。",
    "string_unicode": "文字として読めません。",
    "decimal_type": "数で指定してください。",
    "decimal_parsing": "数で指定してください。",
    "finite_number": "数で指定してください。",
    "decimal_max_digits": "数字が大きすぎます。",
    "decimal_whole_digits": "数字が大きすぎます。",
    "decimal_max_places": "小数は2桁までにしてください。",
    "model_attributes_type": "JSONのオブジェクトで送ってください。",
    "dict_type": "JSONのオブジェクトで送ってください。",
}


def spoken_errors(errors: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    """(field, message) of each; the field is the name of the parameter or of the part of the body."""
    return [(_field(each.get("loc", ())), _message(each)) for each in errors]


def _field(place: Iterable[Any]) -> str:
    names = [str(part) for part in place]
    return names[-1] if len(names) > 1 else ""


def _message(error: dict[str, Any]) -> str:
    kind, context = error.get("type", ""), error.get("ctx") or {}
    if kind == "value_error":
        return str(context.get("error", "")) or "値が正しくありません。"
    if kind in {"enum", "literal_error"}:
        expected = str(context.get("expected", "")).replace("'", "").replace(" or ", "、").replace(", ", "、")
        return f"次のどれかで指定してください：{expected}"
    if kind == "greater_than_equal":
        return f"{context.get('ge')}以上の数で指定してください。"
    if kind == "less_than_equal":
        return f"{context.get('le')}以下の数で指定してください。"
    if kind == "string_too_long":
        return f"{context.get('max_length')}文字以内で指定してください。"
    if kind == "string_too_short":
        return f"{context.get('min_length')}文字以上で指定してください。"
    return _WORDS.get(kind, "値が正しくありません。")
