"""What all models of this process share where they are one deployment: its limit of calls at once, and its breaker."""

import threading
from weakref import WeakValueDictionary

from agentkit.wrappers.circuit import Circuit
from agentkit.wrappers.gate import Gate

_lock = threading.Lock()
_gates: WeakValueDictionary[tuple[str, str, int, int], Gate] = WeakValueDictionary()
_circuits: WeakValueDictionary[tuple[str, str, int, float], Circuit] = WeakValueDictionary()


def shared_gate(name: str, *, identity: str, max_concurrent: int = 32, max_waiting: int = 1024) -> Gate:
    """Return the gate of a deployment: the same one for every role, run and tenant, while one of them has it."""
    key = (name, identity, max_concurrent, max_waiting)
    with _lock:
        gate = _gates.get(key) or Gate(name, max_concurrent=max_concurrent, max_waiting=max_waiting)
        _gates[key] = gate
    return gate


def shared_circuit(name: str, *, identity: str, failures: int, open_s: float) -> Circuit:
    """Return the breaker of a deployment: the same one for every role, run and tenant, while one of them has it."""
    key = (name, identity, failures, open_s)
    with _lock:
        circuit = _circuits.get(key) or Circuit(name, failures=failures, open_s=open_s)
        _circuits[key] = circuit
    return circuit
