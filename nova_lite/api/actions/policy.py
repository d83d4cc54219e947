# SPDX-License-Identifier: Apache-2.0
"""Who may do what to servers."""

from nova_lite.base.policy import ADMIN, LEGACY_OWNER, MEMBER, Rule

_P = "os_compute_api:"

START = f"{_P}servers:start"
STOP = f"{_P}servers:stop"
REBOOT = f"{_P}servers:reboot"
PAUSE = f"{_P}os-pause-server:pause"
UNPAUSE = f"{_P}os-pause-server:unpause"
SUSPEND = f"{_P}os-suspend-server:suspend"
RESUME = f"{_P}os-suspend-server:resume"
LOCK = f"{_P}os-lock-server:lock"
UNLOCK = f"{_P}os-lock-server:unlock"
UNLOCK_OVERRIDE = f"{_P}os-lock-server:unlock:unlock_override"
CREATE_IMAGE = f"{_P}servers:create_image"
CREATE_IMAGE_OF_VOLUME = f"{_P}servers:create_image:allow_volume_backed"
CREATE_BACKUP = f"{_P}os-create-backup"
SHELVE = f"{_P}os-shelve:shelve"
SHELVE_OFFLOAD = f"{_P}os-shelve:shelve_offload"
UNSHELVE = f"{_P}os-shelve:unshelve"
UNSHELVE_TO_HOST = f"{_P}os-shelve:unshelve_to_host"
PASSWORD = f"{_P}os-admin-password"
CRASH_DUMP = f"{_P}servers:trigger_crash_dump"
REBUILD = f"{_P}servers:rebuild"
REBUILD_TRUSTED_CERTS = f"{_P}servers:rebuild:trusted_certs"
RESCUE = f"{_P}os-rescue"
UNRESCUE = f"{_P}os-unrescue"
CONSOLE_OUTPUT = f"{_P}os-console-output"
RESET_STATE = f"{_P}os-admin-actions:reset_state"
FORCE_DELETE = f"{_P}os-deferred-delete:force"
RESTORE = f"{_P}os-deferred-delete:restore"
ADD_FIXED_IP = f"{_P}os-multinic:add"
REMOVE_FIXED_IP = f"{_P}os-multinic:remove"


def _rule(name: str, default: str, what: str, action: str, legacy: str | None = None) -> Rule:
    path = f"/servers/{{server_id}}/action ({action})"
    return Rule(name, default, what, (("POST", path),), legacy=legacy)


RULES = (
    _rule(START, MEMBER, "Start a server.", "os-start"),
    _rule(STOP, MEMBER, "Stop a server.", "os-stop"),
    _rule(REBOOT, MEMBER, "Reboot a server.", "reboot"),
    _rule(PAUSE, MEMBER, "Pause a server.", "pause"),
    _rule(UNPAUSE, MEMBER, "Go on with a paused server.", "unpause"),
    _rule(SUSPEND, MEMBER, "Suspend a server.", "suspend"),
    _rule(RESUME, MEMBER, "Resume a suspended server.", "resume"),
    _rule(LOCK, MEMBER, "Lock a server.", "lock"),
    _rule(UNLOCK, MEMBER, "Unlock a server.", "unlock"),
    _rule(UNLOCK_OVERRIDE, ADMIN, "Unlock a server that somebody else has locked.", "unlock"),
    _rule(
        PASSWORD,
        MEMBER,
        "Change the administrator's password of a server.",
        "changePassword",
        LEGACY_OWNER,
    ),
    _rule(CREATE_IMAGE, MEMBER, "Make an image of a server.", "createImage"),
    _rule(
        CREATE_IMAGE_OF_VOLUME,
        MEMBER,
        "Make an image of a server that boots from a volume.",
        "createImage",
    ),
    _rule(CREATE_BACKUP, MEMBER, "Make a backup of a server.", "createBackup", LEGACY_OWNER),
    _rule(SHELVE, MEMBER, "Shelve a server.", "shelve", LEGACY_OWNER),
    _rule(SHELVE_OFFLOAD, ADMIN, "Take a shelved server off its host.", "shelveOffload"),
    _rule(UNSHELVE, MEMBER, "Bring a shelved server back.", "unshelve", LEGACY_OWNER),
    _rule(UNSHELVE_TO_HOST, ADMIN, "Bring a shelved server back to a host.", "unshelve"),
    _rule(CRASH_DUMP, MEMBER, "Make a server crash and write its dump.", "trigger_crash_dump"),
    _rule(REBUILD, MEMBER, "Make a server anew, maybe of another image.", "rebuild"),
    _rule(
        REBUILD_TRUSTED_CERTS,
        MEMBER,
        "Say which certificates the image of a rebuilt server must be signed with.",
        "rebuild",
    ),
    _rule(RESCUE, MEMBER, "Boot a server from another image.", "rescue"),
    _rule(UNRESCUE, MEMBER, "Boot a rescued server from its own disk.", "unrescue", LEGACY_OWNER),
    _rule(CONSOLE_OUTPUT, MEMBER, "Read the console log.", "os-getConsoleOutput"),
    _rule(RESET_STATE, ADMIN, "Set the state of a server by hand.", "os-resetState"),
    _rule(FORCE_DELETE, MEMBER, "Delete a server at once.", "forceDelete", LEGACY_OWNER),
    _rule(RESTORE, MEMBER, "Restore a deleted server.", "restore", LEGACY_OWNER),
    _rule(ADD_FIXED_IP, MEMBER, "Give a server one more address.", "addFixedIp", LEGACY_OWNER),
    _rule(REMOVE_FIXED_IP, MEMBER, "Take an address away.", "removeFixedIp", LEGACY_OWNER),
)
