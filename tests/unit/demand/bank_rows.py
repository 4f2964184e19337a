"""Rows in the layout of the Anonymous Bank, because the real ones may not ship."""

HEAD = "vru+line call_id customer_id priority type date vru_entry vru_exit vru_time q_start q_exit q_time outcome ser_start ser_exit ser_time server"


def clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"


def call(date="990103", kind="PS", at=36_000, wait=0, outcome="AGENT", service=120, server="ANNA") -> str:
    queue = (clock(at), clock(at + wait)) if wait else ("0:00:00", "0:00:00")
    served = (clock(at + wait), clock(at + wait + service)) if outcome == "AGENT" else ("0:00:00", "0:00:00")
    fields = ["AA0101", "1", "0", "0", kind, date, clock(at - 5), clock(at), "5", *queue, str(wait), outcome,
              *served, str(service if outcome == "AGENT" else 0), server if outcome == "AGENT" else "NO_SERVER"]  # fmt: skip
    return "\t".join(fields)
