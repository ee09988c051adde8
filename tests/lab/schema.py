"""Holds JSON against a schema of ours: the types, keys and values that it names, and no key that it does not."""

TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}


def fits(value, name):
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def wrongs(value, rule, root, at="$"):
    """What of value the schema does not allow, each with its place."""
    if "$ref" in rule:
        return wrongs(value, root["$defs"][rule["$ref"].rpartition("/")[2]], root, at)
    if "anyOf" in rule:
        found = [wrongs(value, one, root, at) for one in rule["anyOf"]]
        return min(found, key=len)
    if "const" in rule or "enum" in rule:
        allowed = rule.get("enum", [rule.get("const")])
        return [] if value in allowed else [f"{at}: {value!r} is none of {allowed}"]
    types = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
    if not any(fits(value, one) for one in types):
        return [f"{at}: {value!r} is no {' or '.join(types)}"]
    found = []
    if isinstance(value, list):
        for number, inner in enumerate(value):
            found += wrongs(inner, rule["items"], root, f"{at}[{number}]")
    if isinstance(value, dict):
        found += [f"{at}: no {key!r}" for key in rule.get("required", []) if key not in value]
        for key, inner in value.items():
            known = rule.get("properties", {}).get(key, rule.get("additionalProperties"))
            found += wrongs(inner, known, root, f"{at}.{key}") if known else [f"{at}: {key!r} is not in the schema"]
    return found
