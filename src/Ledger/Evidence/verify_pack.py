#!/usr/bin/env python3
"""Checks an evidence pack with the Python standard library alone.

    python3 verify_pack.py PACK.zip [--policy FILE]

PACK may also be the folder in which the pack was unpacked. One line is printed: OK and what is proved, or FAIL and the first
reason; the exit code is 0 or 1. The policy says which logs are trusted and which witnesses must have cosigned. Take it from
a place other than the pack (--policy): whoever forges a pack forges its policy too.

Written from the page "Ledger format" (FORMAT.md): RFC 6962 trees, C2SP signed notes, tlog-checkpoint, tlog-cosignature,
tlog-proof and tlog-policy.
"""
import base64
import hashlib
import json
import os
import re
import sys
import zipfile

UNLISTED = {"SHA256SUMS", "SHA256SUMS.note", "SHA256SUMS.tsr"}


class Refused(Exception):
    pass


def need(condition, reason):
    if not condition:
        raise Refused(reason)


# Ed25519 (RFC 8032, section 5.1.7). Only public values are handled, so it need not run in constant time.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(point, scalar):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def decode(data):
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


BASE = decode(bytes([0x58]) + bytes([0x66]) * 31)


def ed25519(key, message, signature):
    point = decode(key) if len(key) == 32 and len(signature) == 64 else None
    s = int.from_bytes(signature[32:], "little")
    if point is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    negative = (P - point[0], point[1], 1, (P - point[3]) % P)
    x, y, z, _ = add(multiply(BASE, s), multiply(negative, k))
    inverse = pow(z, P - 2, P)
    encoded = (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")
    return encoded == signature[:32]


# Notes, keys, policies.
def strict_base64(text, length=None):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text and length in (None, len(data)) else None


def read_key(text):
    """A verifier key: name, id, type byte and key. None for types that are not read here (ECDSA)."""
    parts = text.split("+", 2)
    data = strict_base64(parts[2]) if len(parts) == 3 else None
    need(data and re.fullmatch("[0-9a-f]{8}", parts[1]), "a key in the policy is malformed")
    if data[0] not in (1, 4):
        return None
    identifier = hashlib.sha256(parts[0].encode() + b"\n" + data).digest()[:4]
    need(len(data) == 33 and identifier.hex() == parts[1], "a key in the policy does not have its id")
    return {"name": parts[0], "id": identifier, "type": data[0], "key": data[1:]}


def read_policy(text):
    policy = {"logs": [], "witnesses": {}, "groups": {}, "quorum": None}
    for line in text.split("\n"):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        known = policy["witnesses"].keys() | policy["groups"].keys()
        if words[0] == "log" and len(words) in (2, 3):
            policy["logs"].append(read_key(words[1]))
        elif words[0] == "witness" and len(words) in (3, 4) and words[1] not in known and words[1] != "none":
            key = read_key(words[2])
            need(key and key["type"] == 4, "a witness has no cosigning key")
            policy["witnesses"][words[1]] = key
        elif words[0] == "group" and len(words) > 3 and words[1] not in known and set(words[3:]) <= known:
            count = {"any": 1, "all": len(words) - 3}.get(words[2]) or (int(words[2]) if words[2].isdigit() else 0)
            need(1 <= count <= len(words) - 3, "a group of the policy is malformed")
            policy["groups"][words[1]] = (count, words[3:])
        elif words[0] == "quorum" and len(words) == 2 and policy["quorum"] is None and (words[1] == "none" or words[1] in known):
            policy["quorum"] = words[1]
        else:
            raise Refused("a line of the policy is not understood")
    need(policy["quorum"] and policy["logs"], "a policy names a log and a quorum")
    return policy


def read_note(text):
    split = text.rfind("\n\n")
    need(split > 0 and text.endswith("\n") and not re.search("[\x00-\x09\x0b-\x1f]", text), "a note is malformed")
    lines = []
    for line in text[split + 2:-1].split("\n"):
        words = line.split(" ")
        data = strict_base64(words[2]) if len(words) == 3 and words[0] == "\u2014" and words[1] else None
        need(data and len(data) > 4, "a signature line is malformed")
        lines.append((words[1], data))
    return text[:split + 1], lines


def signed_by(note, key):
    """Whether the key's line is on the note and right; a wrong line of the key makes the note invalid for it."""
    body, lines, found = note[0].encode(), note[1], False
    for name, data in lines:
        if key and name == key["name"] and data[:4] == key["id"]:
            message, signature = body, data[4:]
            if key["type"] == 4:
                message = b"cosignature/v1\ntime %d\n" % int.from_bytes(data[4:12], "big") + body
                signature = data[12:]
            if not ed25519(key["key"], message, signature):
                return False
            found = True
    return found


def holds(policy, name, note):
    if name == "none":
        return True
    if name in policy["witnesses"]:
        return signed_by(note, policy["witnesses"][name])
    count, members = policy["groups"][name]
    return sum(holds(policy, member, note) for member in members) >= count


def open_checkpoint(text, policy):
    note = read_note(text)
    lines = note[0].split("\n")
    need(len(lines) >= 4 and lines[-1] == "" and all(lines[:-1]), "a checkpoint is malformed")
    root = strict_base64(lines[2], 32)
    need(root and re.fullmatch("0|[1-9][0-9]*", lines[1]), "a checkpoint is malformed")
    keys = [key for key in policy["logs"] if key and key["name"] == lines[0]]
    need(keys, "the log %s is not trusted" % lines[0])
    need(any(signed_by(note, key) for key in keys), "the checkpoint is not signed by the key of %s" % lines[0])
    need(holds(policy, policy["quorum"], note), "the checkpoint is not cosigned by the quorum of witnesses")
    return lines[0], int(lines[1]), root


# The tree (RFC 6962, section 2.1; RFC 9162, section 2.1.3.2).
def leads_to(root, leaf, index, size, path):
    if not 0 <= index < size:
        return False
    node, last, result = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            result = hashlib.sha256(b"\x01" + sibling + result).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = hashlib.sha256(b"\x01" + result + sibling).digest()
        node, last = node >> 1, last >> 1
    return last == 0 and result == root


def read_proof(text):
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    need(blank and lines[0] == "c2sp.org/tlog-proof@v1", "a proof is malformed")
    lines = lines[2:] if len(lines) > 1 and lines[1].startswith("extra ") else lines[1:]
    need(lines and re.fullmatch("index (0|[1-9][0-9]*)", lines[0]) and len(lines) <= 64, "a proof is malformed")
    path = [strict_base64(line, 32) for line in lines[1:]]
    need(None not in path, "a proof is malformed")
    return int(lines[0][6:]), path, note


# The pack.
def read_pack(place):
    if os.path.isdir(place):
        files = {}
        for folder, _, names in os.walk(place):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    files[os.path.relpath(path, place).replace(os.sep, "/")] = file.read()
        return files
    with zipfile.ZipFile(place) as archive:
        names = archive.namelist()
        need(len(set(names)) == len(names), "a name stands twice in the pack")
        need(archive.testzip() is None, "the pack cannot be unpacked")
        return {name: archive.read(name) for name in names}


def text_of(files, name):
    need(name in files, "%s is missing" % name)
    try:
        return files[name].decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("%s is not text" % name) from None


def check_sums(files):
    listed = {}
    for line in text_of(files, "SHA256SUMS").split("\n")[:-1]:
        need(re.fullmatch("[0-9a-f]{64}  .+", line) and line[66:] not in listed, "SHA256SUMS is malformed")
        listed[line[66:]] = line[:64]
    need(listed.keys() == files.keys() - UNLISTED, "SHA256SUMS does not list exactly the files of the pack")
    for name, digest in sorted(listed.items()):
        need(hashlib.sha256(files[name]).hexdigest() == digest, "%s was changed" % name)


def check(files, policy_text):
    check_sums(files)
    policy = read_policy(policy_text if policy_text is not None else text_of(files, "policy.txt"))
    try:
        summary = json.loads(text_of(files, "summary.json"))
        logs, expected, total = summary["logs"], set(), 0
        for log in logs:
            total += check_log(files, policy, log, expected)
    except (ValueError, KeyError, TypeError):
        raise Refused("summary.json is malformed") from None
    found = {name for name in files if name.startswith(("entries/", "proofs/", "checkpoints/"))}
    need(found == expected, "the summary does not name exactly the records of the pack")
    return total, len(logs)


def check_log(files, policy, log, expected):
    note = text_of(files, log["checkpoint"])
    origin, size, root = open_checkpoint(note, policy)
    need((origin, size, base64.b64encode(root).decode()) == (log["origin"], log["size"], log["root"]), "the summary is not about its checkpoint")
    expected.add(log["checkpoint"])
    for record in log["records"]:
        index, path, covering = read_proof(text_of(files, record["proof"]))
        entry = files.get(record["entry"])
        need(entry is not None, "%s is missing" % record["entry"])
        need(covering == note, "%s stands on another checkpoint" % record["proof"])
        leaf = hashlib.sha256(b"\x00" + entry).digest()
        need(index == record["index"] and leads_to(root, leaf, index, size, path), "%s is not record %d of that tree" % (record["entry"], record["index"]))
        facts = json.loads(entry)
        need(leaf.hex() == record["leaf"] and all(facts.get(name) == record.get(name) for name in ("ev", "id", "ts")), "the summary tells something else than %s" % record["entry"])
        need(not {record["proof"], record["entry"]} & expected, "a record stands twice in the summary")
        expected.update((record["proof"], record["entry"]))
    return len(log["records"])


def main(arguments):
    policy = None
    if "--policy" in arguments[:-1]:
        at = arguments.index("--policy")
        with open(arguments[at + 1], encoding="utf-8") as file:
            policy = file.read()
        del arguments[at:at + 2]
    place = arguments[0] if arguments else os.path.dirname(os.path.abspath(__file__))
    try:
        records, logs = check(read_pack(place), policy)
    except (Refused, OSError, zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as reason:
        print("FAIL: %s" % reason)
        return 1
    except Exception as broken:  # damaged compression shows in many ways
        print("FAIL: the pack cannot be read (%s)" % type(broken).__name__)
        return 1
    trust = "the policy that was given" if policy is not None else "the policy that the pack itself brings"
    print("OK: %d records stand unchanged in %d log(s), under %s" % (records, logs, trust))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
