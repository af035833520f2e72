"""Time the search index, text by text: `python -m bench.indexing [--count N]`.

For each kind of text: how fast messages are stored and delivered while the search index
is made behind them, and what the index takes for one of them when it has time. What
Python folds costs the index more, and the sender nothing: the index falls behind then,
and a search looks at the rest by itself.
"""

import argparse
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.driver import throughput
from bench.servers import ours
from server.store.index_file import IndexFile, remove

__all__ = ["KINDS", "cost", "main"]

#: One of each kind; the driver counts by the `|`.
KINDS = {
    "English": "|shall we meet for tea in the garden at five, as we did last week?",
    "Russian": "|встретимся в саду за чаем в пять, как на прошлой неделе, хорошо?",
    "with a picture": "|shall we meet for tea in the garden at five, as we did? 👍",
    "with #tea": "|shall we meet for tea in the garden at five, as #tea decided?",
    "Chinese": "|我们明天下午五点在花园里喝茶好吗就像上个星期那样我会带点心和水果",
    "Thai": "|พรุ่งนี้ห้าโมงเย็นเราไปดื่มชาในสวนกันไหมเหมือนสัปดาห์ที่แล้ว",
}
_PAIRS, _WINDOW = 8, 8


def main() -> None:
    """Print a row a kind."""
    parser = argparse.ArgumentParser(description="What it costs to be found.")
    parser.add_argument("--count", type=int, default=4000, help="messages a sender")
    count = parser.parse_args().count
    print(f"{'text':<16} {'messages/s':>10}  {'index, us/message':>18}")
    for kind, text in KINDS.items():
        rate, index = cost(text, count)
        print(f"{kind:<16} {rate:>10,.0f}  {index * 1e6:>18.1f}")


def cost(text: str, count: int) -> tuple[float, float]:
    """Return messages a second, and the seconds of CPU that each takes the index."""
    with tempfile.TemporaryDirectory() as folder:
        with ours("messenger", "--data-dir", folder) as server:
            rate = throughput(server, _PAIRS, _WINDOW, count, text)
        path = Path(folder, "search.db")
        remove(path)
        with closing(IndexFile(path, Path(folder, "messenger.db"))) as index:
            began = time.process_time()
            while index.take_batch(lambda seconds: None):
                pass
            spent = time.process_time() - began
    return rate.a_second, spent / rate.expected


if __name__ == "__main__":
    main()
