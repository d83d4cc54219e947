# SPDX-License-Identifier: Apache-2.0
"""An interface that is attached can have a tag."""

from nova_lite.api.versions.change import Change, without

CHANGE = Change(
    number=49,
    title="tag when attaching an interface or a volume",
    body={"interfaces.create": without("interfaceAttachment", "tag")},
)
