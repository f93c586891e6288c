"""Takes out of an answer what no two runs share, and nothing else."""

import re

AGO = r"(?:Less than a second|About an? (?:minute|hour)|\d+ (?:seconds?|minutes?|hours?|days?|weeks?|months?|years?))"

RULES = [(re.compile(pattern, re.M), by) for pattern, by in (
    # The reference client's remark on the way that both build here.
    (r"^DEPRECATED: The legacy builder is deprecated.*\n(?: +.*\n)*\n?", ""),
    (r"\x1b\[[0-9;]*[A-Za-z]", ""),
    (r"sha256:[0-9a-f]{64}", "<digest>"),
    (r"sha256:[0-9a-f]{12}\b", "<digest>"),
    (r"\b[0-9a-f]{64}\b", "<id>"),
    (r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{12}\b", "<id>"),
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d(?: [A-Z]+)?))?", "<time>"),
    (AGO + " ago", "<time> ago"),
    (r"\bUp " + AGO, "Up <time>"),
    (r"\b(?:02:42|[0-9a-f]{2}:[0-9a-f]{2})(?::[0-9a-f]{2}){4}\b", "<mac>"),
    (r"\b(?:172\.\d+|10\.2\d\d|192\.168)\.\d+\.\d+\b", "<address>"),
    (r"\b\d+(?:\.\d+)? ?[kMG]?B\b", "<size>"),
    (r"on endpoint \S+ \(", "on endpoint <name> ("),
    # The clients' own names.
    (r"\bskiff\b", "docker"),
    (r"\bSkiff\b", "Docker"),
    (r"[ \t]{2,}", "  "),
    (r"[ \t]+$", ""),
)]


class Normal:
    """Also takes out the names of one run, by `names`."""

    def __init__(self, names):
        self.names = sorted(names.items(), key=lambda pair: -len(pair[0]))

    def __call__(self, bytes):
        text = bytes.decode(errors="replace").replace("\r\n", "\n")
        for name, by in self.names:
            text = text.replace(name, by)
        for pattern, by in RULES:
            text = pattern.sub(by, text)
        return text
