"""The one lock of the embedded account.

moto's backends are plain dictionaries that several server threads would change at once. Every AWS request is handled
while this lock is held; code that changes the account from a thread of its own (a task engine) takes it as well.
It is re-entrant, so code inside a request may take it again.
"""

import threading

LOCK = threading.RLock()
