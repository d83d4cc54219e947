# SPDX-License-Identifier: Apache-2.0
"""Images, over the Image API v2 (Glance, or the store of this service)."""

import argparse
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import requests

from nova_lite.cli.commands.server import key_values
from nova_lite.cli.each import for_each
from nova_lite.cli.errors import CommandError, SetupError, Unreachable, UsageError
from nova_lite.cli.output import Do, ListThem, ShowIt, fields, rows


class ListImages(ListThem):
    """List images.

    Example: nova-lite image list -f value -c ID
    """

    def take_action(self, args: argparse.Namespace) -> Any:
        image, found, path = self.api.image, [], "/v2/images"
        while path:
            page = self.api.call("GET", path, service=image)
            found += page["images"]
            path = page.get("next")
        return rows(
            ["ID", "Name", "Status", "Format", "Size (bytes)"],
            ["id", "name", "status", "disk_format", "size"],
            found,
        )


class ShowImage(ShowIt):
    """Show an image.

    Example: nova-lite image show debian-12
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("image", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        return fields(self.api.image_named(args.image))


class CreateImage(ShowIt):
    """Upload an image.

    Example: nova-lite image create --file disk.qcow2 --property os_distro=debian debian-12
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add = parser.add_argument
        add("name")
        add("--file", type=Path, required=True)
        add("--disk-format", default="qcow2", help="default qcow2")
        add("--container-format", default="bare", help="default bare")
        add("--min-disk", type=int, default=0, metavar="GIB")
        add("--min-ram", type=int, default=0, metavar="MIB")
        add("--public", action="store_true", help="for every project (admins)")
        add("--property", action="append", default=[], metavar="KEY=VALUE", help="repeatable")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        try:
            data = args.file.open("rb")
        except OSError as exc:
            raise UsageError(f"cannot read {args.file}: {exc.strerror}") from exc
        with data:
            return self._upload(args, data)

    def _upload(self, args: argparse.Namespace, data: BinaryIO) -> Any:
        body = {
            **key_values(args.property),
            "name": args.name,
            "disk_format": args.disk_format,
            "container_format": args.container_format,
            "min_disk": args.min_disk,
            "min_ram": args.min_ram,
            "visibility": "public" if args.public else "private",
        }
        image = self.api.image
        made = self.api.call("POST", "/v2/images", body, service=image)
        try:
            self.api.call(
                "PUT",
                f"/v2/images/{made['id']}/file",
                service=image,
                data=data,
                headers={"Content-Type": "application/octet-stream"},
            )
        except (CommandError, OSError, KeyboardInterrupt):
            with suppress(CommandError):  # the first error is the one to tell
                self.api.call("DELETE", f"/v2/images/{made['id']}", service=image)
            raise
        return fields(self.api.call("GET", f"/v2/images/{made['id']}", service=image))


class SaveImage(Do):
    """Download an image into a file.

    Example: nova-lite image save --file disk.qcow2 debian-12
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("image", help="name or id")
        parser.add_argument("--file", type=Path, required=True)
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        found = self.api.image_named(args.image)
        path = f"/v2/images/{found['id']}/file"
        answer = self.api.call("GET", path, service=self.api.image, stream=True)
        if answer.status_code == 204:
            raise CommandError(f"image {found['id']} has no data yet")
        part = args.file.with_name(args.file.name + ".part")
        try:
            with part.open("wb") as out:
                for chunk in answer.iter_content(1 << 20):
                    out.write(chunk)
            part.replace(args.file)
        except requests.RequestException as exc:
            raise Unreachable(f"the download broke off: {exc}") from exc
        except OSError as exc:
            raise SetupError(f"cannot write {args.file}: {exc.strerror}") from exc
        finally:
            answer.close()
            part.unlink(missing_ok=True)


class DeleteImage(Do):
    """Delete images.

    Example: nova-lite image delete debian-11 debian-12
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("image", nargs="+", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        def delete(wanted: str) -> None:
            found = self.api.image_named(wanted)
            self.api.call("DELETE", f"/v2/images/{found['id']}", service=self.api.image)

        for_each("images", args.image, delete)
