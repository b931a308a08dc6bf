"""The contract with Amazon's published models: our own subset in ``schemas/``.

It says which operations and parameters exist, what they accept, how often they may be called
and what an answer looks like. The simulator refuses requests by it and checks its own answers
against it; a test compares it with Amazon's files.
"""

import json
import re
from datetime import datetime, timezone
from pathlib import Path

#: Amazon ignores these where they are no parameters: the client most used with Python adds all
#: four to nearly every call, and works (docs/facts/api.md, "Unknown parameters"). Any other unknown
#: name is refused here.
IGNORED = frozenset({"MarketplaceId", "MarketplaceIds", "marketplace_ids", "marketplaceIds"})
SCHEMAS = Path(__file__).parent / "schemas"
_TYPES = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "string": str,
}


class ContractError(AssertionError):
    """The simulator answered something that Amazon's model does not know."""


class BadParameter(ValueError):
    """A request's parameter is not as the model says; the message is for the caller."""


class Operation:
    """One operation of the Selling Partner API, e.g. ``getReports``."""

    def __init__(self, name, described, definitions):
        self.name = name
        self.method = described["method"]
        self.path = described["path"]
        self.rate = described["rate"]
        self.burst = described["burst"]
        self.parameters = described["parameters"]
        self.answers = described["answers"]
        self._definitions = definitions

    def arguments(self, query):
        """Read a query string, strictly.

        :param query: werkzeug's ``MultiDict`` of text
        :return: name → value, lists and numbers and datetimes read
        :raises BadParameter: unknown, repeated or ill-formed
        """
        known = {name: one for name, one in self.parameters.items() if one["in"] == "query"}
        values = {}
        for name, texts in query.lists():
            if name not in known and name in IGNORED:
                continue
            if name not in known:
                raise BadParameter(f"Unknown parameter '{name}'.")
            if len(texts) > 1:
                raise BadParameter(f"Parameter '{name}' is repeated.")
            try:
                values[name] = _read(texts[0], known[name])
            except ValueError as error:
                raise BadParameter(f"Invalid value for parameter '{name}': {error}.") from None
        return values

    def check_answer(self, status, answer):
        """Compare a JSON answer with the model.

        :raises ContractError: the status is not declared, or the answer has another shape
        """
        name = self.answers.get(str(status))
        if name is None:
            raise ContractError(f"{self.name} never answers {status}")
        problems = list(check(answer, {"$ref": name}, self._definitions))
        if problems:
            raise ContractError(f"{self.name} {status}: " + "; ".join(problems))


def _read(text, described):
    """Turn the text of a parameter into its value."""
    kind = described["type"]
    if kind == "array":
        items = text.split(",") if text else []
        if not described.get("minItems", 0) <= len(items) <= described.get("maxItems", 1000):
            raise ValueError(f"{len(items)} values")
        return [_read(item, described["items"]) for item in items]
    if kind == "integer":
        value = int(text)
        if not described.get("minimum", value) <= value <= described.get("maximum", value):
            raise ValueError(f"{value} is out of range")
        return value
    if kind == "boolean":
        # Amazon's own SDK for Python sends True (amzn-sp-api 1.13.0).
        if text.lower() not in ("true", "false"):
            raise ValueError("neither true nor false")
        return text.lower() == "true"
    if not text or text not in described.get("enum", (text,)):
        raise ValueError(f"'{text}' is not allowed")
    return read_time(text) if described.get("format") == "date-time" else text


def read_time(text):
    """Read ISO 8601; a time without zone is UTC.

    :raises ValueError: it is something else
    """
    moment = datetime.fromisoformat(re.sub(r"Z$", "+00:00", text))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def check(value, schema, definitions, where="$"):
    """Yield what is wrong with a value, in words. An unknown property is wrong, too."""
    schema = _resolved(schema, definitions)
    kind = schema["type"]
    if not isinstance(value, _TYPES[kind]) or (kind != "boolean" and isinstance(value, bool)):
        yield f"{where} is no {kind}"
        return
    if value not in schema.get("enum", (value,)):
        yield f"{where} is '{value}'"
    if not re.search(schema.get("pattern", ""), value if kind == "string" else ""):
        yield f"{where} does not match {schema['pattern']}"
    if schema.get("format") == "date-time":
        try:
            read_time(value)
        except ValueError:
            yield f"{where} is no time"
    if kind == "array":
        for index, item in enumerate(value):
            yield from check(item, schema["items"], definitions, f"{where}[{index}]")
    if kind == "object":
        properties = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{where}.{name} is missing"
        for name, item in value.items():
            if name in properties:
                yield from check(item, properties[name], definitions, f"{where}.{name}")
            else:
                yield f"{where}.{name} is unknown"


def _resolved(schema, definitions):
    """Follow a reference, and join the parts of one that is ``allOf`` others."""
    if "$ref" in schema:
        return _resolved(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "allOf" not in schema:
        return schema
    parts = [_resolved(part, definitions) for part in schema["allOf"]]
    return {
        "type": "object",
        "properties": {k: v for part in parts for k, v in part.get("properties", {}).items()},
        "required": [name for part in parts for name in part.get("required", ())],
    }


def _load():
    operations = {}
    for path in sorted(SCHEMAS.glob("*.json")):
        schema = json.loads(path.read_text())
        for name, described in schema["operations"].items():
            operations[name] = Operation(name, described, schema["definitions"])
    return operations


OPERATIONS = _load()
