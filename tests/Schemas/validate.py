# Lines of JSON, {"schema": path, "instance": value}, to lines of JSON, {"errors": [...]}: what the library python3-jsonschema says.
import json, sys
import jsonschema

validators = {}
for line in sys.stdin:
    task = json.loads(line)
    path = task["schema"]
    if path not in validators:
        with open(path, encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        validators[path] = jsonschema.Draft202012Validator(schema)
    errors = [{"at": "/".join(map(str, error.absolute_path)), "rule": str(error.validator)} for error in validators[path].iter_errors(task["instance"])]
    print(json.dumps({"errors": errors}), flush=True)
