"""Runs the tests of this directory, and the pages in a browser, as root against the built programs, then looks for leaks.

Usage: run.py [NAME...]: only tests whose id contains one of the names.
"""

import os
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
PLACES = (HERE, HERE.parent / "Tutorials")
sys.path.insert(0, str(HERE))

import leaks  # noqa: E402


class Lines(unittest.TextTestResult):
    """A line for each test, with its time."""

    def startTest(self, test):
        super(unittest.TextTestResult, self).startTest(test)
        self.started = time.monotonic()

    def _line(self, mark, test):
        self.stream.writeln(f"{mark} {time.monotonic() - self.started:6.2f} s  {test.id().split('.', 1)[-1]}: "
                            f"{(test.shortDescription() or '')}")
        self.stream.flush()

    def addSuccess(self, test):
        super(unittest.TextTestResult, self).addSuccess(test)
        self._line("pass", test)

    def addError(self, test, err):
        super(unittest.TextTestResult, self).addError(test, err)
        self._line("FAIL", test)

    def addFailure(self, test, err):
        super(unittest.TextTestResult, self).addFailure(test, err)
        self._line("FAIL", test)


def chosen(suite, names):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from chosen(test, names)
        elif not names or any(name in test.id() for name in names):
            yield test


def main():
    if os.geteuid() != 0:
        sys.exit("these tests make namespaces, mounts and networks: run them as root")
    before = leaks.snapshot()
    suite = unittest.TestSuite(test for place in PLACES
                               for test in chosen(unittest.TestLoader().discover(str(place)), sys.argv[1:]))
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Lines, verbosity=0).run(suite)
    # What is being torn down by the kernel may take a moment.
    end = time.monotonic() + 10
    while (left := leaks.compare(before, leaks.snapshot())) and time.monotonic() < end:
        time.sleep(0.2)
    for line in left:
        print("left behind:", line)
    failed = len(result.failures) + len(result.errors) + (1 if left else 0)
    print(f"leak check: {'nothing left behind' if not left else f'{len(left)} things left behind'}")
    print(f"{result.testsRun + 1 - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
