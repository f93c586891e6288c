"""The table of every command of the tutorials by client, from the results of a run."""

import dataclasses
import json

import clients
from engine import TOP
from tutorial import Row

BEGIN, END = "<!-- tutorials: begin, written by scripts/tutorials --write -->", "<!-- tutorials: end -->"


def merged(columns):
    """(printed, {client: row}) in the order of the text; clients type the same commands, but some not all."""
    lines = []
    for client, rows in columns.items():
        at, seen = 0, []
        for row in rows:
            found = next((i for i in range(at, len(lines)) if lines[i][0] == row.printed and client not in lines[i][1]), None)
            if found is None:
                lines.insert(at, (row.printed, {client: row}))
                found = at
            else:
                lines[found][1][client] = row
            at = found + 1
            seen.append(found)
    return lines


def cell(row):
    return "" if row is None else "pass" if row.passed else "**fail**"


def text(results, tutorials):
    names = list(clients.ALL)
    lines = []
    for name, tutorial in tutorials.items():
        columns = {client: results[name, client] for client in names if (name, client) in results}
        if not columns:
            continue
        counts = ", ".join(f"{client} {sum(row.passed for row in rows)} of {len(rows)}" for client, rows in columns.items())
        lines += [f"### {tutorial.TITLE}", "", f"{counts}.", "", "| command | " + " | ".join(names) + " |",
                  "|---" * (len(names) + 1) + "|"]
        for printed, rows in merged(columns):
            escaped = printed.replace("|", "\\|")
            lines.append(f"| `{escaped}` | " + " | ".join(cell(rows.get(client)) for client in names) + " |")
        lines.append("")
    return "\n".join(lines)


def write(results, tutorials, into_docs):
    """Leaves the table in .artefacts/, and puts it into docs/conformance.md where that is wanted.

    What an earlier run has found stays until the same tutorial is followed again with the same client.
    """
    kept = TOP / ".artefacts/tutorials.json"
    kept.parent.mkdir(exist_ok=True)
    found = json.loads(kept.read_text()) if kept.exists() else {}
    found.update({"/".join(key): [dataclasses.asdict(row) for row in rows] for key, rows in results.items()})
    kept.write_text(json.dumps(found))
    made = text({tuple(key.split("/")): [Row(**row) for row in rows] for key, rows in found.items()}, tutorials)
    (TOP / ".artefacts/tutorials.md").write_text(made)
    if into_docs:
        path = TOP / "docs/conformance.md"
        before, rest = path.read_text().split(BEGIN)
        path.write_text(f"{before}{BEGIN}\n{made}{END}{rest.split(END)[1]}")
