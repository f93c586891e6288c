"""Debian's headless Chromium, driven as a reader would use it: open a page, read it, click, type, take a picture.

It is spoken to in the DevTools protocol over a pipe (https://chromedevtools.github.io/devtools-protocol/): no driver, no port.
"""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAMS = ("/usr/lib/chromium/chromium-headless-shell", "/usr/bin/chromium")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--mute-audio", "--hide-scrollbars", "--window-size=1000,900",
         # Pages are on this machine; whatever they ask of another one is not to be found.
         "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1", "--remote-debugging-pipe")
KEYS = {"Enter": (13, "\r"), "Tab": (9, "")}


class BrowserError(AssertionError):
    """The browser ended, refused a command or did not answer in time."""


class Browser:
    """One browser with one page and a profile of its own, both gone after `close`."""

    def __init__(self, timeout=30):
        program = next((path for path in PROGRAMS if os.path.exists(path)), None)
        if not program:
            raise BrowserError("no Chromium here; scripts/dependencies test installs it")
        self.directory = tempfile.mkdtemp(prefix="skiff-test-browser-")
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(timeout)
        self.received, self.events, self.last = b"", [], 0
        with open(os.path.join(self.directory, "log"), "wb") as log:
            # The protocol's descriptors are 3 and 4, whatever this process has there.
            self.process = subprocess.Popen(
                ["sh", "-c", 'exec "$@" 3<&0 4>&0 </dev/null', "sh", program, *FLAGS, f"--user-data-dir={self.directory}/profile",
                 "about:blank"],
                stdin=theirs, stdout=log, stderr=log, start_new_session=True, env=dict(os.environ, HOME=self.directory))
        theirs.close()
        self.session = None
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Network", "Runtime"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.close()
            raise

    def close(self):
        """Ends the browser with all its processes and removes the profile."""
        self.socket.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def call(self, method, **parameters):
        """Sends a command and returns its result; events that come meanwhile are kept in `events`."""
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        try:
            self.socket.sendall(json.dumps(message).encode() + b"\0")
            while (answer := self._read()).get("id") != self.last:
                self.events.append(answer)
        except OSError as error:
            raise BrowserError(f"{method}: {error}; the browser said: {self._log()}") from None
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _read(self):
        while b"\0" not in self.received:
            part = self.socket.recv(1 << 16)
            if not part:
                raise ConnectionError("the browser ended")
            self.received += part
        message, self.received = self.received.split(b"\0", 1)
        return json.loads(message)

    def _log(self):
        with open(os.path.join(self.directory, "log"), errors="replace") as log:
            return log.read()[-2000:]

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def open(self, url):
        error = self.call("Page.navigate", url=url).get("errorText")
        if error:
            raise BrowserError(f"{url}: {error}")

    def text(self):
        """What a reader sees: the page's text, without what styles hide."""
        return self.evaluate("document.body ? document.body.innerText : ''")

    def until(self, condition, within=30, what="the page"):
        """Waits until `condition` of the page's text is true, and returns the text."""
        end = time.monotonic() + within
        while not condition(text := self.text()):
            if time.monotonic() > end:
                raise BrowserError(f"{what} did not come within {within} s; the page reads:\n{text}")
            time.sleep(0.05)
        return text

    def click(self, element, count=1):
        """Clicks, as a mouse does, into the middle of the element that a JavaScript expression gives; three clicks mark a field's text."""
        x, y = self.evaluate(f"(() => {{ const e = {element}; e.scrollIntoView({{block: 'center', behavior: 'instant'}});"
                             " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()")
        for number in range(1, count + 1):
            for kind in ("mousePressed", "mouseReleased"):
                self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=number)

    def type(self, text):
        """Types where the cursor is."""
        for letter in text:
            self.call("Input.dispatchKeyEvent", type="char", text=letter)

    def press(self, key):
        code, text = KEYS[key]
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                      **({"text": text} if text and kind == "keyDown" else {}))

    def web_sockets(self):
        """The addresses of the WebSockets that the page's servers have agreed to."""
        opened = {event["params"]["requestId"]: event["params"]["url"] for event in self.events
                  if event.get("method") == "Network.webSocketCreated"}
        agreed = [event["params"]["requestId"] for event in self.events
                  if event.get("method") == "Network.webSocketHandshakeResponseReceived"
                  and event["params"]["response"]["status"] == 101]
        return [opened[request] for request in agreed if request in opened]

    def failures(self):
        """What the page asked for and did not get, a line each."""
        asked = {event["params"]["requestId"]: event["params"]["request"]["url"] for event in self.events
                 if event.get("method") == "Network.requestWillBeSent"}
        return "\n".join(f"{asked.get(event['params']['requestId'])}: {event['params']['errorText']}" for event in self.events
                         if event.get("method") == "Network.loadingFailed")

    def screenshot(self, path):
        """Writes a PNG of what the window shows."""
        picture = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(picture)
