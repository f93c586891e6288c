"""images/build: pulled where a registry is in reach, otherwise from the cache, otherwise made."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from engine import SKIFF, TOP, Engine

# Stands for an engine: every call is written down, and answered as the files beside it say.
ENGINE = """#!/bin/sh
folder=$(dirname "$0")
echo "$*" >>"$folder/calls"
case $1 in
  image)
    for name; do :; done
    case $3 in *Id*) echo sha256:made && exit ;; esac
    [ -f "$folder/have" ] && cat "$folder/have" ;;
  pull) exec sh "$folder/pull" "$2" ;;
  load) echo 'Loaded image ID: sha256:loaded' ;;
  save) echo archive >"$3" ;;
esac
"""


class ImagesBuild(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        self.folder = pathlib.Path(directory.name)
        shutil.copytree(TOP / "images", self.folder / "images")
        (self.folder / "skiff").write_text(ENGINE)
        (self.folder / "skiff").chmod(0o755)
        (self.folder / "images/debian/rootfs").write_text("#!/bin/sh\necho root >\"$2\"\n")
        self.no_registry()

    def no_registry(self):
        self.pull_says("echo 'Error: dial tcp: lookup registry-1.docker.io: no such host' >&2; exit 1")

    def pull_says(self, script):
        (self.folder / "pull").write_text(script)

    def build(self, *arguments, code=0, **variables):
        calls = self.folder / "calls"
        calls.write_text("")
        environment = dict(os.environ, SKIFF=str(self.folder / "skiff"), SKIFF_IMAGES_CACHE=str(self.folder / "cache"), **variables)
        made = subprocess.run([str(self.folder / "images/build"), *arguments], env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60)
        self.said = made.stdout.decode()
        self.assertEqual(made.returncode, code, self.said)
        return [line for line in calls.read_text().splitlines() if not line.startswith("image ")]

    def verbs(self, *arguments, **options):
        return [line.split()[0] for line in self.build(*arguments, **options)]

    def test_a_registry_in_reach_gives_the_official_images(self):
        self.pull_says("echo \"latest: Pulling from library/$1\"")
        self.assertEqual(self.build("redis:alpine", "nginx"), ["pull redis:alpine", "pull nginx:latest"])
        self.assertIn("images: redis:alpine pulled from its registry", self.said)

    def test_without_a_registry_it_is_asked_once_and_stand_ins_are_made(self):
        calls = self.build("redis:alpine", "nginx:alpine")
        self.assertEqual([call for call in calls if call.startswith("pull")], ["pull redis:alpine"])
        self.assertIn("no registry in reach (Error: dial tcp: lookup registry-1.docker.io: no such host): stand-ins serve", self.said)
        self.assertEqual(len([call for call in calls if call.startswith("build --tag")]), 2)

    def test_a_registry_that_has_not_the_image_is_asked_for_the_next(self):
        self.pull_says("case $1 in redis*) echo 'manifest unknown' >&2; exit 1 ;; esac\necho 'latest: Pulling from library/nginx'")
        calls = self.build("redis", "nginx")
        self.assertIn("pull nginx:latest", calls)
        self.assertIn("its registry does not give redis:latest (manifest unknown): a stand-in serves", self.said)

    def test_a_registry_that_does_not_answer_is_not_waited_for_long(self):
        self.pull_says("exec sleep 30")
        self.build("redis", SKIFF_IMAGES_PATIENCE="1")
        self.assertIn("no registry in reach (no answer in 1 s): stand-ins serve", self.said)

    def test_what_was_made_once_is_loaded_under_every_name_it_goes_by(self):
        self.assertIn("build", self.verbs("--no-pull", "redis:latest"))
        self.assertEqual(self.build("--no-pull", "redis:alpine")[1:], ["tag sha256:loaded redis:alpine"])

    def test_a_changed_recipe_is_not_served_from_the_cache(self):
        self.build("--no-pull", "redis", "nginx")
        with open(self.folder / "images/redis/docker-entrypoint.sh", "a") as file:
            file.write("# changed\n")
        self.assertIn("build", self.verbs("--no-pull", "redis"))
        self.assertEqual(self.verbs("--no-pull", "nginx"), ["load", "tag"])
        self.assertEqual(len(list((self.folder / "cache").glob("redis-*.tar"))), 1, "the older archive is gone")
        (self.folder / "images/debian/rootfs").write_text("#!/bin/sh\necho another >\"$2\"\n")
        self.assertIn("build", self.verbs("--no-pull", "nginx"))

    def test_an_official_image_stays_and_a_stand_in_of_an_older_recipe_does_not(self):
        (self.folder / "have").write_text("\n")
        self.assertEqual(self.verbs("redis"), [])
        (self.folder / "have").write_text("0123456789abcdef\n")
        self.assertIn("build", self.verbs("--no-pull", "redis"))

    def test_names_without_a_recipe_and_misspelt_options_are_refused(self):
        self.verbs("--no-pull", "mysql", code=1)
        self.assertIn("images: no recipe for mysql:latest in ", self.said)
        self.verbs("--nopull", code=2)
        self.assertIn("usage: images/build", self.said)

    def test_every_base_image_of_the_examples_has_a_recipe(self):
        names = set()
        for path in (TOP / "examples").rglob("*"):
            if path.name.startswith("Dockerfile"):
                names |= {line.split()[1] for line in path.read_text().splitlines() if line.startswith("FROM ")}
        self.assertGreater(len(names), 4)
        self.build("--no-pull", *names, "postgres:latest", "redis:alpine", "nginx:alpine")

    def test_the_real_engine_knows_a_stand_in_that_it_has(self):
        engine = Engine().start()
        self.addCleanup(engine.close)
        environment = dict(os.environ, SKIFF=SKIFF, SKIFF_HOST=engine.host)
        command = [str(TOP / "images/build"), "--no-pull", "redis:alpine"]
        subprocess.run(command, check=True, env=environment, timeout=300, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        again = subprocess.run(command, check=True, env=environment, timeout=30, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(again.stdout.decode(), "")
        self.assertRegex(engine.run("inspect", "-f", '{{index .Config.Labels "skiff.stand-in"}}', "redis:alpine").out, "^[0-9a-f]{16}$")
