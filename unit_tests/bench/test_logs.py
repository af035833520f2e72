"""What a busy client costs the file of an administrator: few enough for 30 days."""

from bench.logs import Busy, count_busy_hour, days_kept

DAYS, CLIENTS = 30, 100


def test_hundred_busy_clients_leave_an_administrator_thirty_days() -> None:
    few = count_busy_hour(2)
    assert few.a_client > 1000, "these were not busy"
    many = few._replace(admin=int(few.admin + few.a_client * (CLIENTS - few.clients)))
    assert days_kept(many) == DAYS


def test_more_than_a_file_a_day_keeps_fewer_days() -> None:
    assert days_kept(Busy(1, 2 * 20 * 1024 * 1024 // 24, 1.0)) < DAYS / 2 + 1
