"""Images, volumes and builds, from outside."""

import io
import json
import os
import signal
import subprocess
import tarfile
import tempfile

from engine import SKIFF, eventually
from fixtures import EngineTest, busybox_tar


class Volumes(EngineTest):
    def test_containers_that_start_side_by_side_fill_a_volume_once(self):
        names = [f"together{number}" for number in range(8)]
        self.addCleanup(lambda: self.run_skiff("volume", "rm", "-f", "together"))
        self.remove_later(*names)
        for name in names:
            self.run_skiff("create", "--name", name, "-v", "together:/bin", "busybox", "ls", "/bin/cat")
        started = [subprocess.Popen([SKIFF, "-H", self.engine.host, "start", "-a", name], stdout=subprocess.PIPE) for name in names]
        self.assertEqual([process.communicate(timeout=30)[0] for process in started], [b"/bin/cat\n"] * 8)

    def test_an_empty_volume_takes_over_the_images_files(self):
        self.addCleanup(lambda: self.run_skiff("volume", "rm", "-f", "fresh"))
        out = self.run_skiff("run", "--rm", "-v", "fresh:/data", "busybox", "cat", "/data/seed").out
        self.assertEqual(out, "from the image\n")
        path = json.loads(self.run_skiff("volume", "inspect", "fresh").out)[0]["Mountpoint"]
        self.assertEqual(open(f"{path}/seed").read(), "from the image\n")

    def test_a_volume_outlives_its_containers(self):
        self.addCleanup(lambda: self.run_skiff("volume", "rm", "-f", "kept"))
        self.run_skiff("run", "--rm", "-v", "kept:/data", "busybox", "sh", "-c", "echo more > /data/note")
        self.assertEqual(self.run_skiff("run", "--rm", "-v", "kept:/data", "busybox", "cat", "/data/note", "/data/seed").out,
                         "more\nfrom the image\n")

    def test_a_path_of_a_volume_does_not_lead_out_of_it(self):
        self.addCleanup(lambda: self.run_skiff("volume", "rm", "-f", "paths", check=False))
        self.run_skiff("run", "--rm", "-v", "paths:/v", "busybox", "sh", "-c",
                       "mkdir -p /v/sub/deep && echo here > /v/sub/deep/file && ln -s / /v/out && ln -s sub /v/inner")
        mount = "type=volume,src=paths,dst=/v,volume-subpath="
        self.assertEqual(self.run_skiff("run", "--rm", "--mount", mount + "sub/deep", "busybox", "cat", "/v/file").out, "here\n")
        for path, why in (("out/etc", "symbolic link"), ("inner", "symbolic link"), ("missing", "volume paths: the volume has no such path")):
            self.assertIn(why, self.fails(125, "run", "--rm", "--mount", mount + path, "busybox", "ls", "/v").err)
        # A link that is put there later is noticed at the start.
        self.run_skiff("create", "--name", "later", "--mount", mount + "sub/deep", "busybox", "ls", "/v")
        self.remove_later("later")
        self.run_skiff("run", "--rm", "-v", "paths:/v", "busybox", "sh", "-c", "rm -r /v/sub && ln -s / /v/sub")
        self.assertIn("symbolic link", self.fails(1, "start", "later").err)

    def test_a_link_that_is_put_into_a_path_leads_nowhere_when_the_policy_starts_again(self):
        self.addCleanup(lambda: self.run_skiff("volume", "rm", "-f", "swapped", check=False))
        with tempfile.TemporaryDirectory(prefix="skiff-test-") as host:
            open(f"{host}/secret", "w").close()
            self.run_skiff("run", "--rm", "-v", "swapped:/v", "busybox", "mkdir", "-p", "/v/sub/deep")
            self.run_skiff("run", "-d", "--name", "swapping", "--restart", "always", "--mount",
                           "type=volume,src=swapped,dst=/v,volume-subpath=sub/deep", "busybox", "sh", "-c", "echo has $(ls /v); sleep 1000")
            self.remove_later("swapping")
            eventually(lambda: "has" in self.run_skiff("logs", "swapping").out, what="the first run")
            self.run_skiff("run", "--rm", "-v", "swapped:/v", "busybox", "sh", "-c", f"mv /v/sub/deep /v/sub/old && ln -s {host} /v/sub/deep")
            os.kill(self.engine.inspect("swapping")[0]["State"]["Pid"], signal.SIGKILL)
            state = eventually(lambda: (s := self.engine.inspect("swapping")[0]["State"])["Error"] and s, what="the refusal")
            self.assertIn("Too many levels of symbolic links", state["Error"])
            self.assertEqual(self.run_skiff("logs", "swapping").out, "has\n")

    def test_a_volume_in_use_cannot_be_removed(self):
        self.addCleanup(lambda: self.run_skiff("volume", "rm", "-f", "held"))
        self.remove_later("holder")
        self.run_skiff("create", "--name", "holder", "-v", "held:/data", "busybox", "true")
        self.assertIn("volume is in use", self.fails(1, "volume", "rm", "held").err)

    def test_bind_mounts_both_ways_and_read_only(self):
        with tempfile.TemporaryDirectory(prefix="skiff-test-") as directory:
            open(f"{directory}/in", "w").write("from outside\n")
            out = self.run_skiff("run", "--rm", "-v", f"{directory}:/mnt", "busybox", "sh", "-c", "cat /mnt/in; echo back > /mnt/out").out
            self.assertEqual(out, "from outside\n")
            self.assertEqual(open(f"{directory}/out").read(), "back\n")
            self.assertIn("Read-only file system", self.fails(
                1, "run", "--rm", "-v", f"{directory}:/mnt:ro", "busybox", "touch", "/mnt/x").err)

    def test_a_missing_bind_source_is_made_by_v_and_refused_by_mount(self):
        with tempfile.TemporaryDirectory(prefix="skiff-test-") as directory:
            self.run_skiff("run", "--rm", "-v", f"{directory}/made:/mnt", "busybox", "true")
            self.assertTrue(os.path.isdir(f"{directory}/made"))
            error = self.fails(125, "run", "--rm", "--mount", f"type=bind,src={directory}/not,dst=/mnt", "busybox", "true").err
            self.assertIn(f"bind source path does not exist: {directory}/not", error)

    def test_rm_takes_anonymous_volumes_along(self):
        before = self.run_skiff("volume", "ls", "-q").out
        self.run_skiff("run", "--rm", "-v", "/scratch", "busybox", "touch", "/scratch/x")
        self.assertEqual(self.run_skiff("volume", "ls", "-q").out, before)

    def test_tmpfs_and_read_only_root(self):
        out = self.run_skiff("run", "--rm", "--read-only", "--tmpfs", "/run:size=1m", "busybox", "sh", "-c",
                             "touch /run/x && echo made; touch /x || echo refused").out
        self.assertEqual(out, "made\nrefused\n")


class MountedImages(EngineTest):
    """--mount type=image, as moby 28 has it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engine.run("build", "-t", "files", "-", input=b"FROM busybox\nRUN mkdir -p /sub /hack && echo world > /sub/hello"
                       b" && ln -s ../sub /hack/good && ln -s / /hack/root && ln -s root /hack/bad && rm -r /www\n")

    def test_it_is_read_and_never_written(self):
        out = self.run_skiff("run", "--rm", "--mount", "type=image,source=files,target=/image", "busybox", "sh", "-c",
                             "cat /image/sub/hello /image/data/seed; ls -d /image/www; echo x > /image/sub/hello || echo refused").out
        self.assertEqual(out, "world\nfrom the image\nrefused\n")

    def test_a_part_of_it_may_be_led_to_by_links_of_its_own(self):
        mount = "type=image,src=files,dst=/image,image-subpath="
        for part in ("sub", "hack/good"):
            self.assertEqual(self.run_skiff("run", "--rm", "--mount", mount + part, "busybox", "ls", "/image").out, "hello\n")
        self.assertEqual(self.run_skiff("run", "--rm", "--mount", mount + "sub/hello", "busybox", "cat", "/image").out, "world\n")
        for part, why in (("hack/bad", 'the path "hack/bad" of the image on /image: it leads out of the image'), ("missing", "the image has no such path"),
                          ("../etc", "subpath must be a relative path within the volume")):
            self.assertIn(why, self.fails(125, "run", "--rm", "--mount", mount + part, "busybox", "ls", "/image").err)
        self.assertIn("No such image: nothing", self.fails(1, "create", "--mount", "type=image,src=nothing,dst=/x", "busybox", "true").err)

    def test_it_shows_in_inspect_and_is_kept_as_long_as_somebody_has_it(self):
        self.run_skiff("build", "-t", "mounted", "-", input=b"FROM busybox\nRUN echo kept > /kept\n")
        image = self.engine.inspect("mounted")[0]["Id"]
        self.run_skiff("create", "--name", "holder", "--mount", "type=image,src=mounted,dst=/image", "busybox", "cat", "/image/kept")
        self.run_skiff("create", "--name", "borrower", "--volumes-from", "holder", "busybox", "cat", "/image/kept")
        self.remove_later("holder", "borrower")
        told = self.engine.inspect("holder")[0]
        point = told["Mounts"][0]
        self.assertEqual({key: point[key] for key in point if key != "Source"},
                         {"Type": "image", "Name": "mounted", "Destination": "/image", "Mode": "", "RW": False, "Propagation": "rprivate"})
        self.assertEqual(told["HostConfig"]["Mounts"], [{"Type": "image", "Source": "mounted", "Target": "/image"}])
        refused = self.fails(1, "rmi", "mounted").err
        self.assertIn(f'unable to remove repository reference "mounted" (must force) - container', refused)
        self.assertIn(f"is using its referenced image {image[7:19]}", refused)
        self.assertNotIn(image, self.run_skiff("image", "prune", "-af").out)
        self.run_skiff("rmi", "-f", "mounted")
        for name in ("holder", "borrower"):
            self.assertEqual(self.run_skiff("start", "-a", name).out, "kept\n")
        self.assertEqual(self.run_skiff("cp", "holder:/image/kept", "-").out.count("kept\n"), 1)

    def test_a_running_container_keeps_it_through_a_restart(self):
        self.run_skiff("run", "-d", "--name", "again", "--mount", "type=image,src=files,dst=/image", "busybox", "sh", "-c",
                       "cat /image/sub/hello; sleep 1000")
        self.remove_later("again")
        self.run_skiff("restart", "-t", "0", "again")
        eventually(lambda: self.run_skiff("logs", "again").out == "world\nworld\n", what="the second run")
        self.assertIn("image is being used by running container", self.fails(1, "rmi", "-f", self.engine.inspect("files")[0]["Id"]).err)

    def test_compose_mounts_it(self):
        with tempfile.TemporaryDirectory(prefix="skiff-test-") as place:
            with open(f"{place}/compose.yaml", "w") as file:
                file.write("services:\n  one:\n    image: busybox\n    command: cat /image/hello\n    volumes:\n"
                           "      - {type: image, source: files, target: /image, image: {subpath: sub}}\n")
            out = self.run_skiff("compose", "-p", "mounting", "up", "--no-color", cwd=place).out
            self.run_skiff("compose", "-p", "mounting", "down", cwd=place)
            self.assertIn("world", out)
            with open(f"{place}/compose.yaml", "a") as file:
                file.write("      - {type: image, source: \"127.0.0.1:1/none\", target: /none}\n")
            missing = self.run_skiff("compose", "-p", "mounting", "create", cwd=place, check=False)
            self.assertNotEqual(missing.code, 0)
            self.assertIn("one:volume 1", missing.err)


class Images(EngineTest):
    def test_tag_list_inspect_history_and_removal(self):
        self.run_skiff("tag", "busybox", "copy:1.0")
        out = self.run_skiff("images", "--format", "{{.Repository}}:{{.Tag}}").out.splitlines()
        self.assertIn("copy:1.0", out)
        self.assertIn("busybox:latest", out)
        data = json.loads(self.run_skiff("image", "inspect", "copy:1.0").out)[0]
        self.assertEqual(len(data["RootFS"]["Layers"]), 1)
        self.assertEqual(self.run_skiff("rmi", "copy:1.0").out, "Untagged: copy:1.0\n")
        self.assertIn("No such image: copy:1.0", self.fails(1, "rmi", "copy:1.0").err)
        self.assertIn("IMAGE", self.run_skiff("history", "busybox").out)

    def test_an_image_in_use_needs_force(self):
        self.run_skiff("import", "-", "occupied", input=busybox_tar().replace(b"from the image", b"of another one"))
        self.remove_later("occupant")
        self.run_skiff("create", "--name", "occupant", "occupied", "true")
        error = self.fails(1, "rmi", "occupied").err
        self.assertIn("conflict: unable to remove repository reference", error)

    def test_save_and_load_give_the_same_image(self):
        saved = self.engine.directory / "saved.tar"
        self.run_skiff("tag", "busybox", "travels:1")
        self.run_skiff("save", "-o", str(saved), "travels:1")
        before = self.run_skiff("images", "-q", "--no-trunc", "travels").out
        self.run_skiff("rmi", "travels:1")
        self.assertIn("Loaded image: travels:1", self.run_skiff("load", "-i", str(saved)).out)
        self.assertEqual(self.run_skiff("images", "-q", "--no-trunc", "travels").out, before)

    def test_a_hostile_archive_writes_nothing_outside(self):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            for name, target in (("a", "/"), ("b", "../../../../../..")):
                entry = tarfile.TarInfo(name)
                entry.type, entry.linkname = tarfile.SYMTYPE, target
                tar.addfile(entry)
            for name in ("a/tmp/skiff-escaped", "b/tmp/skiff-escaped", "../../../../tmp/skiff-escaped", "/tmp/skiff-escaped"):
                entry = tarfile.TarInfo(name)
                entry.size = 1
                tar.addfile(entry, io.BytesIO(b"x"))
        self.run_skiff("import", "-", "hostile", input=buffer.getvalue(), check=False)
        self.addCleanup(lambda: self.run_skiff("rmi", "hostile", check=False))
        self.assertFalse(os.path.exists("/tmp/skiff-escaped"))

    def test_what_is_no_archive_is_refused_and_leaves_nothing(self):
        before = self.run_skiff("images", "-aq").out
        self.fails(1, "load", input=b"this is not a tar archive" * 100)
        self.assertEqual(self.run_skiff("images", "-aq").out, before)


class Builds(EngineTest):
    def build(self, files, *arguments, check=True, **options):
        with tempfile.TemporaryDirectory(prefix="skiff-test-") as directory:
            return self.run_skiff("build", *arguments, self.write(directory, files), check=check, **options)

    def test_an_image_is_built_and_runs(self):
        self.build({"Dockerfile": """FROM busybox
ARG WHO=World
ENV NAME=$WHO
WORKDIR /app
COPY hello.sh .
RUN chmod +x hello.sh && echo built > /app/state
EXPOSE 80
LABEL made.by=test
USER web
ENTRYPOINT ["./hello.sh"]
CMD ["there"]
""", "hello.sh": "#!/bin/sh\necho Hello $NAME, $1, $(id -un), $(cat state)\n"}, "-t", "hello:1", "--build-arg", "WHO=Skiff")
        self.assertEqual(self.run_skiff("run", "--rm", "hello:1").out, "Hello Skiff, there, web, built\n")
        self.assertEqual(self.run_skiff("run", "--rm", "hello:1", "you").out, "Hello Skiff, you, web, built\n")
        config = json.loads(self.run_skiff("image", "inspect", "hello:1").out)[0]["Config"]
        self.assertEqual((config["ExposedPorts"], config["Labels"]["made.by"]), ({"80/tcp": {}}, "test"))

    def test_a_second_build_takes_everything_from_the_cache(self):
        files = {"Dockerfile": "FROM busybox\nCOPY f /f\nRUN cat /f > /g\n", "f": "1"}
        self.build(files, "-t", "cached")
        first = self.run_skiff("images", "-q", "cached").out
        out = self.build(files, "-t", "cached")
        self.assertEqual((out.out + out.err).count("Using cache"), 2)
        self.assertEqual(self.run_skiff("images", "-q", "cached").out, first)
        files["f"] = "2"
        out = self.build(files, "-t", "cached")
        self.assertEqual((out.out + out.err).count("Using cache"), 0)

    def test_the_build_cache_stands_in_df_and_is_pruned_to_the_byte(self):
        self.run_skiff("builder", "prune", "-f")
        self.build({"Dockerfile": "FROM busybox\nRUN dd if=/dev/zero of=/cached bs=1000 count=3000\n"}, "-q", "-t", "heavy")
        def cache():
            lines = self.run_skiff("system", "df", "--format", "{{.Type}}|{{.Size}}|{{.Reclaimable}}").out.splitlines()
            return next(line for line in lines if line.startswith("Build Cache"))
        # As long as an image has the layer it is the image's.
        self.assertEqual(cache(), "Build Cache|0B|0B")
        self.run_skiff("rmi", "heavy")
        self.assertEqual(cache(), "Build Cache|3MB|3MB")
        self.assertIn("3MB", self.run_skiff("system", "df", "-v").out)
        self.assertIn("Total reclaimed space: 3MB", self.run_skiff("builder", "prune", "-f").out)
        self.assertEqual(cache(), "Build Cache|0B|0B")

    def test_everything_is_pruned_by_what_it_does_not_have(self):
        self.run_skiff("volume", "create", "--label", "keep=yes", "labelled")
        self.addCleanup(lambda: self.run_skiff("volume", "rm", "labelled"))
        self.run_skiff("system", "prune", "-f", "--volumes", "--filter", "label!=keep")
        self.assertIn("labelled", self.run_skiff("volume", "ls", "-q").out)

    def test_the_build_cache_is_pruned_by_filters_and_down_to_a_size(self):
        self.run_skiff("builder", "prune", "-af")
        for number in range(3):
            self.build({"Dockerfile": f"FROM busybox\nRUN dd if=/dev/zero of=/cached{number} bs=1000 count=1000\n"}, "-q", "-t", f"gone{number}")
        self.run_skiff("rmi", "gone0", "gone1", "gone2")
        self.assertEqual(self.run_skiff("builder", "prune", "-f", "--filter", "until=1h").out, "Total reclaimed space: 0B\n")
        out = self.run_skiff("builder", "prune", "-f", "--max-used-space", "2000000").out
        self.assertIn("Total reclaimed space: 1MB", out)
        # What was used last stays.
        out = self.build({"Dockerfile": "FROM busybox\nRUN dd if=/dev/zero of=/cached2 bs=1000 count=1000\n"}, "-t", "last")
        self.assertIn("Using cache", out.out + out.err)
        self.assertIn("Total reclaimed space: 0B", self.engine.docker("builder", "prune", "-f", "--keep-storage", "2MB").out)
        self.assertIn("Total reclaimed space: 0B", self.run_skiff("builder", "prune", "-f", "--filter", "type=exec.cachemount").out)
        # What an image has is kept without --all, and frees nothing with it.
        self.assertIn("Total reclaimed space: 1MB", self.engine.docker("builder", "prune", "-f").out)
        out = self.build({"Dockerfile": "FROM busybox\nRUN dd if=/dev/zero of=/cached2 bs=1000 count=1000\n"}, "-t", "last")
        self.assertIn("Using cache", out.out + out.err)
        self.assertIn("Total reclaimed space: 0B", self.run_skiff("builder", "prune", "-af").out)
        out = self.build({"Dockerfile": "FROM busybox\nRUN dd if=/dev/zero of=/cached2 bs=1000 count=1000\n"}, "-t", "last")
        self.assertNotIn("Using cache", out.out + out.err)
        self.assertIn("filters expect only one value", self.fails(1, "builder", "prune", "-f", "--filter", "id=a", "--filter", "id=b").err)

    def test_directories_of_cache_mounts_stand_in_df_and_are_pruned(self):
        self.run_skiff("builder", "prune", "-af")
        step = "FROM busybox\nRUN --mount=type=cache,target=/kept dd if=/dev/zero of=/kept/file%d bs=1000 count=1000\n"
        self.build({"Dockerfile": step % 1}, "-q", "-t", "mounting")
        self.assertIn("exec.cachemount", self.run_skiff("system", "df", "-v").out)
        directory = self.engine.directory / "data/build-caches"
        self.assertEqual(len(list(directory.iterdir())), 1)
        self.assertIn("Total reclaimed space: 1MB", self.run_skiff("builder", "prune", "-f", "--filter", "type=exec.cachemount").out)
        self.assertEqual(list(directory.iterdir()), [])
        # A directory that is gone is made again.
        self.build({"Dockerfile": step % 2}, "-q", "-t", "mounting")
        self.assertEqual([file.name for file in next(directory.iterdir()).iterdir()], ["file2"])

    def test_stages_dockerignore_and_add(self):
        self.build({"Dockerfile": """FROM busybox AS make
COPY . /src
RUN ls /src > /list
FROM busybox
COPY --from=make /list /list
ADD --chown=33:33 sub /sub
""", "sub/a": "a", "secret": "s", ".dockerignore": "secret\n"}, "-t", "staged")
        self.assertEqual(self.run_skiff("run", "--rm", "staged", "sh", "-c", "cat /list; stat -c %u:%g /sub/a").out.split(),
                         ["Dockerfile", "sub", "33:33"])

    def test_archives_of_every_compression_are_taken(self):
        with tempfile.TemporaryDirectory() as place:
            for kind in ("xz", "bz2", "gz"):
                with tarfile.open(f"{place}/files.tar.{kind}", f"w:{kind}") as tar:
                    entry = tarfile.TarInfo(f"from-{kind}")
                    entry.size = 5
                    tar.addfile(entry, io.BytesIO(b"held\n"))
            # Compressed, but no archive: copied as it is.
            subprocess.run(["python3", "-c", "import lzma, sys; sys.stdout.buffer.write(lzma.compress(b'plain'))"], check=True,
                           stdout=open(f"{place}/plain.xz", "wb"))
            with open(f"{place}/Dockerfile", "w") as file:
                file.write("FROM busybox\nADD files.tar.xz files.tar.bz2 files.tar.gz plain.xz /unpacked/\n")
            self.run_skiff("build", "-q", "-t", "packed", place)
            self.assertEqual(self.run_skiff("run", "--rm", "packed", "ls", "/unpacked").out.split(), ["from-bz2", "from-gz", "from-xz", "plain.xz"])
            self.run_skiff("import", f"{place}/files.tar.xz", "imported")
            saved = f"{place}/saved.tar"
            self.run_skiff("save", "-o", saved, "packed")
            subprocess.run(["python3", "-c", "import bz2, sys; sys.stdout.buffer.write(bz2.compress(open(sys.argv[1], 'rb').read(), 1))", saved],
                           check=True, stdout=open(f"{saved}.bz2", "wb"))
            self.assertIn("packed", self.engine.docker("load", "-i", f"{saved}.bz2").out)

    def test_a_failing_step_says_which_and_its_code(self):
        result = self.build({"Dockerfile": "FROM busybox\nRUN echo before; echo trouble >&2; exit 7\n"}, check=False)
        self.assertEqual(result.code, 7, "docker's classic builder exits with the step's code")
        both = result.out + result.err
        self.assertIn("trouble", both)
        self.assertIn("The command '/bin/sh -c echo before; echo trouble >&2; exit 7' returned a non-zero code: 7", both)

    def test_a_missing_dockerfile_is_named(self):
        result = self.build({"other": ""}, check=False)
        self.assertEqual(result.code, 1)
        self.assertIn("Dockerfile: no such file or directory", result.err)

    def test_a_malformed_dockerfile_names_the_line(self):
        result = self.build({"Dockerfile": "FROM busybox\n\nFRMO busybox\n"}, check=False)
        self.assertEqual(result.code, 1)
        self.assertIn("line 3: unknown instruction: FRMO", result.err)

    def test_the_hosts_trust_reaches_run_steps_and_never_the_image(self):
        self.build({"Dockerfile": "FROM busybox\nRUN env > /seen; ls /dev/skiff >> /seen 2>&1; rm /seen; touch /done\n"}, "-t", "trusting")
        config = json.loads(self.run_skiff("image", "inspect", "trusting").out)[0]["Config"]
        self.assertNotIn("CERT", json.dumps(config))
        out = self.run_skiff("run", "--rm", "trusting", "sh", "-c", "env; ls /dev").out
        self.assertNotIn("SSL_CERT_FILE", out)
        self.assertNotIn("skiff", out)
