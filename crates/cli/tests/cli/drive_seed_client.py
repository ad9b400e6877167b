"""Drives a Cairn server with the seed's own client and command line, unchanged.

Usage: drive_seed_client.py URL KEY. Every step is checked; the first that goes wrong ends with a traceback.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

import requests
from instavm import InstaVM
from instavm.exceptions import AuthenticationError, ForbiddenError

QUOTA = 64 << 20


def refused(status, words, call, *args, **kwargs):
    """The call is refused with this status, and the sentence says `words`."""
    try:
        call(*args, **kwargs)
    except ForbiddenError as error:
        assert status == 403, error
        sentence = str(error)
    except requests.HTTPError as error:
        assert error.response.status_code == status, (status, error, error.response.text)
        sentence = error.response.json()["detail"]
    else:
        raise AssertionError(f"{call.__name__} {args} {kwargs} was accepted")
    assert words in sentence, (words, sentence)
    print(f"  {status}: {sentence}")


def volumes(client):
    made = client.volumes.create("größe 1", QUOTA, description="ignored")
    assert made["name"] == "größe 1" and made["quota_bytes"] == QUOTA, made
    listed = client.volumes.list(refresh_usage=True)
    assert [v["id"] for v in listed] == [made["id"]], listed
    assert {"used_bytes", "quota_bytes", "status"} <= set(listed[0]), listed
    assert client.volumes.get("größe 1")["id"] == made["id"]
    changed = client.volumes.update(made["id"], name="data", quota_bytes=2 * QUOTA)
    assert changed["id"] == made["id"] and changed["name"] == "data", changed
    refused(409, "data", client.volumes.create, "data", QUOTA)
    refused(422, "", client.volumes.create, "small", 0)
    refused(422, "", client.volumes.create, "negative", -1)
    refused(422, "", client.volumes.create, "huge", 2**63)
    refused(422, "", client.volumes.create, "../x", QUOTA)
    refused(404, "none", client.volumes.get, "none")
    return made["id"]


def files(client, volume, folder):
    local, back = os.path.join(folder, "up load.bin"), os.path.join(folder, "back")
    content = os.urandom(5_000_001)
    with open(local, "wb") as file:
        file.write(content)
    client.volumes.upload_file(volume, local, "a/日本語.bin")
    refused(403, "a/日本語.bin", client.volumes.upload_file, volume, local, "a/日本語.bin")
    client.volumes.upload_file(volume, local, "a/日本語.bin", overwrite=True)
    listed = client.volumes.list_files(volume, prefix="a")
    assert ("a/日本語.bin", len(content)) in [(f["path"], f["size"]) for f in listed], listed
    assert len(client.volumes.list_files(volume, recursive=False, limit=1)) == 1
    got = client.volumes.download_file(volume, "a/日本語.bin", local_path=back)
    assert got["size"] == got["saved_bytes"] == len(content), got["size"]
    with open(back, "rb") as file:
        assert file.read() == content
    refused(404, "none", client.volumes.download_file, volume, "none")
    refused(422, "..", client.volumes.delete_file, volume, "../x")
    with open(local, "wb") as file:
        # Not zeros, which take up no room.
        for _ in range(3 * QUOTA >> 20):
            file.write(os.urandom(1 << 20))
    refused(403, "too-large", client.volumes.upload_file, volume, local, "too-large")
    assert not [f for f in client.volumes.list_files(volume) if "too-large" in f["path"]]
    client.volumes.delete_file(volume, "a/日本語.bin")


def checkpoints(client, volume):
    named, unnamed = client.volumes.create_checkpoint(volume, name="first"), client.volumes.create_checkpoint(volume)
    listed = client.volumes.list_checkpoints(volume)
    assert [c["id"] for c in listed] == [named["id"], unnamed["id"]], listed
    assert listed[0]["name"] == "first" and listed[0]["status"] == "ready", listed
    assert isinstance(client.volumes.delete_checkpoint(volume, unnamed["id"]), dict)
    refused(404, "none", client.volumes.delete_checkpoint, volume, "none")


def machines(client, volume):
    (vm,) = client.vms.list()
    assert vm["status"] == "active" and vm["vm_id"] == client.vms.get("demo")["vm_id"], vm
    assert [v["vm_id"] for v in client.vms.list_all_records()] == [vm["vm_id"]]
    vm = vm["vm_id"]
    client.vms.mount_volume(vm, volume, "/data")
    assert client.volumes.get(volume)["status"] == "in-use"
    assert [(m["volume_id"], m["mount_path"]) for m in client.vms.list_volumes(vm)] == [(volume, "/data")]
    refused(409, "demo", client.vms.mount_volume, vm, volume, "/again")
    refused(409, "demo", client.volumes.delete, volume)
    # While a machine writes it, its files go and come through the guest.
    client.volumes.upload_file(volume, __file__, "while/mounted.py")
    refused(403, "while/mounted.py", client.volumes.upload_file, volume, __file__, "while/mounted.py")
    assert "while/mounted.py" in [f["path"] for f in client.volumes.list_files(volume)]
    client.volumes.delete_file(volume, "while/mounted.py")
    refused(404, "/else", client.vms.unmount_volume, vm, volume, "/else")
    assert isinstance(client.vms.unmount_volume(vm, volume, "/data"), dict)
    assert client.vms.mount_volume(vm, volume, "/old", mode="ro", checkpoint_id="latest", wait=False)["mode"] == "ro"
    for status in iter(lambda: client.vms.list_volumes(vm)[0]["status"], "attached"):
        assert status == "attaching", status
        time.sleep(0.05)
    client.vms.unmount_volume(vm, volume, "/old", wait=False)
    while client.vms.list_volumes(vm):
        time.sleep(0.05)
    refused(404, "none", client.vms.mount_volume, "none", volume, "/data")
    refused(404, "none", client.vms.mount_volume, "none", volume, "/data", mode="ro", wait=False)
    refused(404, "none", client.vms.unmount_volume, "none", volume, "/data")


def lifecycles(client, key, url):
    """Machines by the seed's own words: from a demo VM to a snapshot of it and one that starts from that."""
    other = InstaVM(key, base_url=url)
    status = client.get_session_status()
    assert status["vm_alive"] is False and status["vm_status"] == "stopped", status
    ran = client.execute("echo hello; echo oops >&2; exit 3")
    assert (ran["stdout"], ran["stderr"], ran["exit_code"]) == ("hello\n", "oops\n", 3), ran
    status = client.get_session_status()
    assert client.is_session_active() and status["vm_id"] in [v["vm_id"] for v in client.vms.list()], status
    assert other.session_id != client.session_id
    assert client.kill()["status"] == "terminated"
    assert status["vm_id"] not in [v["vm_id"] for v in client.vms.list_all_records()]

    wanted = [{"name": "models", "mount_path": "/models", "mode": "rw", "size_gb": 1, "create_if_missing": True}]
    vm = client.vms.create(memory_mb=192, vcpu_count=1, volumes=wanted, metadata={"ignored": True})
    assert vm["status"] == "active" and vm["session_id"].startswith("sess_"), vm
    models = client.volumes.get("models")
    assert models["quota_bytes"] == 1 << 30 and models["status"] == "in-use", models
    assert [(m["volume_id"], m["mount_path"]) for m in client.vms.list_volumes(vm["vm_id"])] == [(models["id"], "/models")]
    snapshot = client.vms.snapshot(vm["vm_id"], name="golden")
    assert snapshot["snapshot_id"] and snapshot["status"] == "ready", snapshot
    (listed,) = client.snapshots.list(snapshot_type="user")
    assert {"id", "name", "type", "size_bytes"} <= set(listed) and client.snapshots.list(snapshot_type="system") == []
    assert client.snapshots.get("golden")["id"] == listed["id"]
    changed = client.vms.update(vm["vm_id"], memory_mb=256, snapshot_on_terminate=True, snapshot_name="last")
    assert changed["status"] == "active", changed
    assert client.vms.delete(vm["vm_id"])["status"] == "terminated"
    refused(404, vm["vm_id"], client.vms.get, vm["vm_id"])
    assert sorted(s["name"] for s in client.snapshots.list()) == ["golden", "last"]

    refused(409, "no checkpoint", client.vms.create, volumes=[
        {"volume_id": models["id"], "mount_path": "/m", "mode": "ro", "checkpoint_id": "latest"}])
    refused(404, "nix-dev", client.vms.create, image_variant="nix-dev")
    checkpoint = client.volumes.create_checkpoint(models["id"])
    wanted = [{"volume_id": models["id"], "mount_path": "/old", "mode": "ro", "checkpoint_id": "latest"},
              {"volume_id": models["id"], "mount_path": "/branch", "mode": "rw", "checkpoint_id": checkpoint["id"]}]
    vm = client.vms.create(wait=False, snapshot_id=listed["id"], volumes=wanted)
    assert vm["status"] == "creating" and vm["snapshot_id"] == listed["id"], vm
    while client.vms.get(vm["vm_id"])["status"] != "active" or len(client.vms.list_volumes(vm["vm_id"])) < 2:
        time.sleep(0.05)
    refused(409, "golden", client.snapshots.delete, listed["id"])
    client.vms.delete(vm["vm_id"])
    for snapshot in reversed(client.snapshots.list()):
        assert isinstance(client.snapshots.delete(snapshot["id"]), dict)
    for volume in client.volumes.list():
        client.volumes.delete(volume["id"])


def command_line(url, key, folder):
    def instavm(*args, fails=None):
        # A home of its own: a configuration that is there must not matter.
        env = {**os.environ, "HOME": folder, "INSTAVM_BASE_URL": url, "INSTAVM_API_KEY": key}
        ran = subprocess.run([sys.executable, "-m", "instavm", *args], env=env, capture_output=True, text=True, check=False)
        assert (ran.returncode == 0) == (fails is None), ran
        assert fails is None or fails in ran.stderr, ran
        print("  " + (ran.stdout if fails is None else ran.stderr).strip().splitlines()[0])
        return ran.stdout

    volume = instavm("volume", "create", "cli", "--quota", "64mb").split()[1]
    assert "available" in instavm("volume", "ls", "--refresh")
    instavm("volume", "update", volume, "--quota", "128mb")
    local = os.path.join(folder, "hello.txt")
    with open(local, "w", encoding="utf-8") as file:
        file.write("hello")
    instavm("volume", "files", "upload", volume, local, "--path", "in/hello.txt")
    instavm("volume", "files", "upload", volume, local, "--path", "in/hello.txt", fails="in/hello.txt")
    assert "in/hello.txt" in instavm("volume", "files", "ls", volume)
    instavm("volume", "files", "download", volume, "in/hello.txt", "--out", os.path.join(folder, "out"))
    with open(os.path.join(folder, "out"), encoding="utf-8") as file:
        assert file.read() == "hello"
    # A machine that has the volume, by the words of the command line.
    instavm("create", "--volume", f"{volume}:/data:ro", fails="no checkpoint")
    instavm("create", "--volume", "none:/data", fails="HTTP 404: ")
    made = json.loads(instavm("create", "--memory", "192", "--volume", f"{volume}:/data", "--json"))
    assert made["vm_id"] in instavm("ls") and made["vm_id"] in instavm("ls", "--all")
    assert "in-use" in instavm("volume", "get", volume)
    assert "hello" in instavm("exec", "--session", made["session_id"], "--language", "bash", "--cmd", "cat /data/in/hello.txt")
    instavm("volume", "rm", volume, fails="HTTP 409: ")
    snapshot = json.loads(instavm("snapshot", "create", made["vm_id"], "--name", "cli", "--json"))["snapshot_id"]
    assert snapshot in instavm("snapshot", "ls") and "ready" in instavm("snapshot", "get", snapshot)
    instavm("rm", made["vm_id"])
    instavm("rm", made["vm_id"], fails="HTTP 404: ")
    instavm("snapshot", "rm", snapshot)

    instavm("volume", "files", "rm", volume, "in/hello.txt")
    checkpoint = instavm("volume", "checkpoint", "create", volume, "--name", "one").split()[-1]
    assert "ready" in instavm("volume", "checkpoint", "ls", volume)
    instavm("volume", "checkpoint", "rm", volume, checkpoint)
    instavm("ls")
    instavm("whoami")
    instavm("volume", "get", "none", fails="HTTP 404: ")
    instavm("volume", "rm", volume)


def main():
    url, key = sys.argv[1:]
    try:
        InstaVM("wrong", base_url=url)
        raise AssertionError("a wrong key was accepted")
    except AuthenticationError as error:
        print(f"  401: {error}")
    # With a slash at the end: the client joins it with the path as it is.
    client = InstaVM(key, base_url=url + "/")
    assert client.session_id and client.get_current_user()["is_verified"] is True
    with tempfile.TemporaryDirectory() as folder:
        volume = volumes(client)
        files(client, volume, folder)
        checkpoints(client, volume)
        machines(client, volume)
        assert isinstance(client.volumes.delete(volume), dict)
        assert client.volumes.list() == []
        lifecycles(client, key, url)
        command_line(url, key, folder)
    print("all well")


if __name__ == "__main__":
    main()
