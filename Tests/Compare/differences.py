"""The differences that have a reason, and the difference of two answers."""

import difflib

BEGIN = "<!-- compared: begin, written by scripts/compare --write -->"
END = "<!-- compared: end -->"


def differing(reference, answer):
    """What is not the same, for people; empty when everything is."""
    parts = []
    if reference.code != answer.code:
        parts.append(f"  exit code {answer.code}, not {reference.code}")
    for name, was, became in (("stdout", reference.out, answer.out), ("stderr", reference.err, answer.err)):
        if was != became:
            changed = list(difflib.unified_diff(was.splitlines(), became.splitlines(), lineterm="", n=0))[2:]
            parts += [f"  {name}:"] + ["    " + line for line in changed if not line.startswith("@@")]
    return "\n".join(parts)


class Differences:
    """differences.txt: a paragraph each. Its first line names the pairs in brackets; then come the lines, behind `$ ` those that always
    differ and behind `~ ` those that do now and then; then the reason.
    """

    def __init__(self, path):
        self.paragraphs, self.now_and_then = [], set()
        for text in path.read_text().split("\n\n"):
            rows = [row for row in text.splitlines() if row and not row.startswith("#")]
            if not rows:
                continue
            pairs = [name.strip() for name in rows[0].strip("[]").split(",")]
            lines = [row[2:] for row in rows if row.startswith(("$ ", "~ "))]
            self.now_and_then.update(row[2:] for row in rows if row.startswith("~ "))
            reason = " ".join(row.strip() for row in rows[1:] if not row.startswith(("$ ", "~ ")))
            if not lines or not reason:
                raise SystemExit(f"{path}: a paragraph without lines or without a reason: {rows[0]}")
            self.paragraphs.append((pairs, lines, reason))

    def of(self, pair, line):
        return next((reason for pairs, lines, reason in self.paragraphs if pair in pairs and line in lines), None)

    def write(self, path, reference, groups, pairs):
        """Puts the counts and the list between the marks of the page."""
        rows = ["| group | lines | " + " | ".join(pairs) + " |", "|---|---|" + "---|" * len(pairs)]
        for group, lines in groups.items():
            different = [str(sum(1 for line in lines if self.of(pair, line))) for pair in pairs]
            rows.append(f"| {group} | {len(lines)} | " + " | ".join(different) + " |")
        rows += ["", "The numbers of the last columns are lines that differ. Why:", ""]
        typed = {line for lines in groups.values() for line in lines}
        for names, lines, reason in self.paragraphs:
            here = [f"`{line}`" for line in lines if line in typed]
            if here:
                rows.append(f"- {', '.join(names)}: {'; '.join(here)}: {reason}")
        text = path.read_text()
        before, rest = text.split(BEGIN)
        path.write_text(before + BEGIN + "\n" + "\n".join(rows) + "\n" + END + rest.split(END)[1])
