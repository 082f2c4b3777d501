"""Counters of the realtime part. Raised once per event, never once per receiver: that costs as much as a write."""

from typing import Final

from prometheus_client import Counter, Gauge

SOCKETS: Final = Gauge("mtchat_sockets", "Open WebSocket connections")
CLOSES: Final = Counter("mtchat_socket_closes_total", "Connections the server closed, by reason", ["reason"])
FRAMES_SENT: Final = Counter("mtchat_frames_sent_total", "Frames handed to sockets")
FRAMES_QUEUED: Final = Counter("mtchat_frames_queued_total", "Frames that had to wait because their reader is behind")
FRAMES_DROPPED: Final = Counter("mtchat_frames_dropped_total", "Frames thrown away with the queue of a slow reader")
EVENTS_HEALED: Final = Counter("mtchat_events_healed_total", "Events read from the log because the bus lost them")
RESUMES: Final = Counter("mtchat_resumes_total", "Resume frames answered")
EVENTS_REPLAYED: Final = Counter("mtchat_events_replayed_total", "Events sent to clients that came back")
BUS_CUTS: Final = Counter("mtchat_bus_cuts_total", "Times a server of the bus was lost")
BUS_DROPPED: Final = Counter("mtchat_bus_dropped_total", "Dialogs forgotten in a long cut, to be found by comparing")
