"""Who is in a dialog, as one person may see them.

What each keeps for himself stays his own; somebody who only matches a scope sees no contacts and no read positions.
"""

from mtchat.core.access import Actor
from mtchat.core.errors import Forbidden
from mtchat.core.services import Services
from mtchat.persistence import roster as rows


async def list_roster(services: Services, actor: Actor, dialog_id: str) -> bytes:
    """Return the participants of a dialog with their presence, as a JSON array, those who came first first.

    Raises Forbidden for people neither in it nor matched, and when there is no such dialog.
    """
    levels = None if actor.scopes is None else actor.scopes.as_lists()
    entries = await rows.list_roster(services.database, dialog_id, actor.user_id, levels)
    if entries is None:
        raise Forbidden("Forbidden: only participants, and people whose scopes match, may see who is in a dialog")
    online = await services.presence.is_online([user_id for user_id, _ in entries])
    ends = {True: ',"is_online":true}', False: ',"is_online":false}'}
    return ("[" + ",".join(entry + ends[user_id in online] for user_id, entry in entries) + "]").encode()
