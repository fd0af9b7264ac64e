"""The contract itself: it is complete, its references resolve, its examples fit its schemas."""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


def load():
    def unique(pairs):
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), f"a member appears twice: {names}"
        return dict(pairs)

    text = (ROOT / "daemon/api/openapi.json").read_text(encoding="utf-8")
    return json.loads(text, object_pairs_hook=unique)


def walk(node, path="#"):
    yield path, node
    if isinstance(node, dict):
        for name, child in node.items():
            yield from walk(child, f"{path}/{name}")
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from walk(child, f"{path}/{number}")


class Schema:
    """As much of JSON Schema 2020-12 as the contract uses; any other keyword is a failure."""

    NOTES = {"description", "default", "examples", "format"}
    TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}

    def __init__(self, document):
        self.document = document

    def resolve(self, reference):
        assert reference.startswith("#/"), reference
        node = self.document
        for part in reference[2:].split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    def is_type(self, value, name):
        if name == "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        return isinstance(value, self.TYPES[name])

    def check(self, schema, value, at="value"):
        errors = []
        for keyword, rule in schema.items():
            if keyword in self.NOTES:
                continue
            handler = getattr(self, "k_" + keyword.replace("$", ""), None)
            assert handler, f"keyword {keyword} is not known to this test"
            errors += handler(rule, value, at, schema)
        return errors

    def k_ref(self, rule, value, at, _):
        return self.check(self.resolve(rule), value, at)

    def k_allOf(self, rule, value, at, _):
        return [error for part in rule for error in self.check(part, value, at)]

    def k_type(self, rule, value, at, _):
        names = rule if isinstance(rule, list) else [rule]
        return [] if any(self.is_type(value, name) for name in names) else [f"{at}: no {rule}"]

    def k_const(self, rule, value, at, _):
        return [] if value == rule else [f"{at}: not {rule}"]

    def k_enum(self, rule, value, at, _):
        return [] if value in rule else [f"{at}: {value} is none of {rule}"]

    def k_pattern(self, rule, value, at, _):
        fits = not isinstance(value, str) or re.search(rule, value)
        return [] if fits else [f"{at}: {value} does not match {rule}"]

    def k_minLength(self, rule, value, at, _):
        return [f"{at}: too short"] if isinstance(value, str) and len(value) < rule else []

    def k_maxLength(self, rule, value, at, _):
        return [f"{at}: too long"] if isinstance(value, str) and len(value) > rule else []

    def k_minimum(self, rule, value, at, _):
        return [f"{at}: below {rule}"] if isinstance(value, int) and value < rule else []

    def k_maximum(self, rule, value, at, _):
        return [f"{at}: above {rule}"] if isinstance(value, int) and value > rule else []

    def k_maxItems(self, rule, value, at, _):
        return [f"{at}: too many"] if isinstance(value, list) and len(value) > rule else []

    def k_maxProperties(self, rule, value, at, _):
        return [f"{at}: too many"] if isinstance(value, dict) and len(value) > rule else []

    def k_items(self, rule, value, at, _):
        if not isinstance(value, list):
            return []
        return [e for i, item in enumerate(value) for e in self.check(rule, item, f"{at}/{i}")]

    def k_properties(self, rule, value, at, _):
        if not isinstance(value, dict):
            return []
        both = [name for name in rule if name in value]
        return [e for name in both for e in self.check(rule[name], value[name], f"{at}/{name}")]

    def k_required(self, rule, value, at, _):
        if not isinstance(value, dict):
            return []
        return [f"{at}/{name}: missing" for name in rule if name not in value]

    def k_propertyNames(self, rule, value, at, _):
        if not isinstance(value, dict):
            return []
        return [error for name in value for error in self.check(rule, name, f"{at}/{name}")]

    def k_additionalProperties(self, rule, value, at, schema):
        if not isinstance(value, dict):
            return []
        others = [name for name in value if name not in schema.get("properties", {})]
        if rule is False:
            return [f"{at}/{name}: not known" for name in others]
        return [e for name in others for e in self.check(rule, value[name], f"{at}/{name}")]


class OpenApi(unittest.TestCase):
    def setUp(self):
        self.document = load()
        self.schema = Schema(self.document)

    def operations(self):
        for section in ("paths", "webhooks"):
            for path, item in self.document[section].items():
                for method in METHODS:
                    if method in item:
                        yield section, path, method, item, item[method]

    def test_version_and_host(self):
        self.assertEqual(self.document["openapi"], "3.1.0")
        for server in self.document["servers"]:
            self.assertRegex(server["url"], r"^(/.*|https://[a-z.]*\.example)$")

    def test_it_names_no_product(self):
        text = json.dumps(self.document).lower()
        for name in ("flor" + "in", "sandbox", "/operator/"):
            self.assertNotIn(name, text)

    def test_every_reference_resolves_and_every_component_is_used(self):
        used = set()
        for path, node in walk(self.document):
            if isinstance(node, dict) and isinstance(node.get("$ref"), str):
                with self.subTest(path):
                    self.schema.resolve(node["$ref"])
                used.add(node["$ref"])
        for kind, members in self.document["components"].items():
            if kind == "securitySchemes":
                continue
            for name in members:
                self.assertIn(f"#/components/{kind}/{name}", used)

    def test_every_operation_is_described(self):
        tags = {tag["name"] for tag in self.document["tags"]}
        names = []
        for section, path, method, _, operation in self.operations():
            with self.subTest(f"{method} {path}"):
                names.append(operation["operationId"])
                self.assertTrue(operation["summary"])
                self.assertTrue(operation["tags"])
                self.assertLessEqual(set(operation["tags"]), tags)
                self.assertTrue(operation["responses"])
        self.assertEqual(len(names), len(set(names)))

    def test_path_parameters_are_declared(self):
        for section, path, method, item, operation in self.operations():
            declared = set()
            for parameter in item.get("parameters", []) + operation.get("parameters", []):
                parameter = self.schema.resolve(parameter["$ref"]) if "$ref" in parameter else parameter
                if parameter["in"] == "path":
                    declared.add(parameter["name"])
            self.assertEqual(declared, set(re.findall(r"\{(\w+)\}", path)), path)

    def test_writes_need_a_key_and_say_what_can_become_of_them(self):
        key = "#/components/parameters/IdempotencyKey"
        for section, path, method, _, operation in self.operations():
            if section != "paths":
                continue
            with self.subTest(f"{method} {path}"):
                references = [p.get("$ref") for p in operation.get("parameters", [])]
                self.assertEqual(key in references, method == "post")
                wanted = {"405", "422", "500", "503"}
                if operation.get("security") != []:
                    wanted |= {"400", "401", "413"}
                if method == "post":
                    wanted |= {"201", "202", "409", "415"}
                if "{id}" in path:
                    wanted.add("404")
                self.assertLessEqual(wanted, set(operation["responses"]))

    def test_problems_are_problem_documents(self):
        for name, response in self.document["components"]["responses"].items():
            with self.subTest(name):
                self.assertEqual(list(response["content"]), ["application/problem+json"])
                example = response["content"]["application/problem+json"]["example"]
                known = self.document["components"]["schemas"]["ErrorCode"]["description"]
                self.assertIn(f"`{example['code']}`", known)

    def test_named_codes_are_those_of_the_catalogue(self):
        catalogue = (ROOT / "base/errc.cpp").read_text(encoding="utf-8")
        named = re.findall(
            r"`([a-z-]+)`", self.document["components"]["schemas"]["ErrorCode"]["description"])
        self.assertGreater(len(named), 30)
        for code in named:
            self.assertIn(f'"{code}"', catalogue)

    def test_what_is_sent_is_closed_and_bounded(self):
        for name, schema in self.document["components"]["schemas"].items():
            if not name.startswith("Create") and name not in ("Amount", "PaymentMethod"):
                continue
            self.assertIs(schema["additionalProperties"], False, name)
            for member, rule in schema.get("properties", {}).items():
                if rule.get("type") == "string" and not {"enum", "const"} & set(rule):
                    self.assertIn("maxLength", rule, f"{name}/{member}")
                    self.assertIn("pattern", rule, f"{name}/{member}")
                if rule.get("type") == "integer":
                    self.assertIn("minimum", rule, f"{name}/{member}")
                    self.assertIn("maximum", rule, f"{name}/{member}")

    def test_examples_fit_their_schemas(self):
        count = 0
        for path, node in walk(self.document):
            if not isinstance(node, dict) or "schema" not in node:
                continue
            examples = [e["value"] for e in node.get("examples", {}).values()]
            if "example" in node:
                examples.append(node["example"])
            for example in examples:
                count += 1
                self.assertEqual(self.schema.check(node["schema"], example), [], path)
        self.assertGreater(count, 30)

    def test_webhooks_are_the_events_of_the_domain(self):
        emitted = set()
        for source in ("cancel.cpp", "decide.cpp", "expiry.cpp", "facts.cpp", "settle.cpp"):
            text = (ROOT / "daemon/domain" / source).read_text(encoding="utf-8")
            emitted |= set(re.findall(
                r'"((?:payment|authorization|capture|refund|dispute)\.[a-z_]+)"', text))
        self.assertEqual(set(self.document["webhooks"]), emitted)
        for item in self.document["webhooks"].values():
            names = [p["$ref"].rsplit("/", 1)[1] for p in item["post"]["parameters"]]
            self.assertEqual(names, ["WebhookId", "WebhookTimestamp", "WebhookSignature"])


if __name__ == "__main__":
    unittest.main()
