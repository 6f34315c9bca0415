"""Whatever is asked of the operations of the OpenAPI document, the answer is one that the document names."""

import json
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agreements.actions.publication import publish
from agreements.api.v1 import api
from tests.factories import ActionItemFactory, AgreementFactory, ApiTokenFactory

pytestmark = pytest.mark.django_db
TEXT = "rk_0a1b2c3d_secret"

texts = st.text(max_size=30) | st.sampled_from(
    ["", "0", "-1", "9" * 25, "null", "\x00", "２", "%", "'\"", "1e400"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.just("2026-10-01"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture
def rows(manager, today):
    agreement = AgreementFactory(whole=True, municipality=manager.municipality)
    publish(agreement=agreement, by=manager, version=1, today=today)
    ApiTokenFactory(municipality=manager.municipality, text=TEXT, writing=True)
    return agreement, ActionItemFactory(agreement=agreement)


def sensible(document, schema):
    """Values that the schema describes, roughly."""
    for option in (schema, *schema.get("anyOf", ())):
        if "$ref" in option:
            option = document["components"]["schemas"][option["$ref"].rsplit("/", 1)[-1]]
        if "enum" in option:
            return st.sampled_from(option["enum"])
        if "example" in option:
            return st.just(option["example"])
        if option.get("type") in {"integer", "number"}:
            return st.integers(0, 300)
        if "pattern" in option:
            return st.from_regex(option["pattern"])
    return texts


@cache
def operations():
    """The document, and each operation: (path, method, what the document says of it)."""
    document = api.get_openapi_schema()
    return document, [
        (path, method, operation)
        for path, of_path in document["paths"].items()
        for method, operation in of_path.items()
    ]


# Without shrinking: each try is a request, and what fails is printed as it is.
@settings(max_examples=200, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_input_makes_an_operation_fail(client, rows, data):
    document, found = operations()
    path, method, operation = found[data.draw(st.integers(0, len(found) - 1))]
    query, headers = {}, {"Authorization": f"Bearer {TEXT}"} if data.draw(st.integers(0, 9)) else {}
    for parameter in operation.get("parameters", ()):
        name, known = parameter["name"], sensible(document, parameter["schema"])
        if parameter["in"] == "path":
            key = data.draw(st.sampled_from([str(rows[0].pk), str(rows[1].pk), "401307"]) | texts)
            path = path.replace(f"{{{name}}}", key.replace("/", "") or "0")
        elif parameter["in"] == "query" and data.draw(st.booleans()):
            query[name] = data.draw(known | texts)
        elif parameter["in"] == "header" and data.draw(st.booleans()):
            headers[name] = data.draw(
                st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20)
            )
    if data.draw(st.integers(0, 9)) == 0:
        query[data.draw(texts)] = "x"
    if method == "post":
        schema = document["components"]["schemas"]["ProgressIn"]["properties"]
        near = st.fixed_dictionaries(
            {"on": st.just("2026-10-01") | json_values},
            optional={
                name: sensible(document, part) | json_values for name, part in schema.items() if name != "on"
            },
        )
        body = json.dumps(data.draw(near | json_values))
        response = client.post(path, body, content_type="application/json", headers=headers)
    else:
        response = client.get(path, query, headers=headers)
    expected = {int(status) for status in operation["responses"]} | {404}
    if not response.has_header("Content-Type"):
        assert response.status_code in {301, 302}  # a path that is none
        return
    assert response.status_code in expected, (method, path, query, response.content)
    answer = response.json()
    if response.status_code >= 400:
        assert answer["detail"]
        assert all(set(each) == {"field", "message"} for each in answer["errors"])


def test_every_answer_fits_its_schema(client, rows):
    """Of each GET with rows: the document promises no field that is missing."""
    document, found = operations()
    keys = {"/agreements": rows[0].pk, "/actions": rows[1].pk, "/companies": 0}
    for path, method, operation in found:
        if method != "get" or "companies/{" in path:
            continue
        address = path.replace("{code}", "401307")
        for part, key in keys.items():
            address = address.replace(f"{part}/{{key}}", f"{part}/{key}")
        query = {"kind": "notice"} if path.endswith("deadlines") else {}
        answer = client.get(address, query, headers={"Authorization": f"Bearer {TEXT}"})
        assert answer.status_code == 200, (address, answer.content)
        name = operation["responses"][200]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
        assert_fits(document, document["components"]["schemas"][name], answer.json(), address)


def assert_fits(document, schema, value, place):
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    if "anyOf" in schema:
        if value is None:
            assert {"type": "null"} in schema["anyOf"], place
            return
        schema = next(each for each in schema["anyOf"] if each != {"type": "null"})
        assert_fits(document, schema, value, place)
        return
    if schema.get("type") == "object" and "properties" in schema:
        assert set(schema.get("required", ())) <= set(value), place
        for name, part in schema["properties"].items():
            if name in value:
                assert_fits(document, part, value[name], f"{place}.{name}")
    elif schema.get("type") == "array":
        for each in value:
            assert_fits(document, schema["items"], each, f"{place}[]")
    elif "enum" in schema:
        assert value in schema["enum"], place
    else:
        kinds = {"string": str, "integer": int, "number": int | float, "boolean": bool}
        assert isinstance(value, kinds.get(schema.get("type"), object)), (place, value)
