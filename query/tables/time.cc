// What the clock says.
#include "absl/time/time.h"

#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "query/engine/table.h"

namespace tutti::query {
namespace {

absl::Status GenerateTime(const TableRequest& /*request*/, Rows& rows) {
  const absl::Time now = absl::Now();
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilSecond civil = absl::ToCivilSecond(now, utc);
  Row& row = rows.Add();
  row.Set("year", civil.year());
  row.Set("month", civil.month());
  row.Set("day", civil.day());
  row.Set("hour", civil.hour());
  row.Set("minutes", civil.minute());
  row.Set("seconds", civil.second());
  row.Set("unix_time", absl::ToUnixSeconds(now));
  constexpr std::pair<std::string_view, const char*> kTexts[] = {
      {"weekday", "%A"},
      {"timezone", "%Z"},
      {"timestamp", "%a %b %e %H:%M:%S %Y %Z"},
      {"datetime", "%Y-%m-%dT%H:%M:%SZ"},
      {"iso_8601", "%Y-%m-%dT%H:%M:%SZ"},
  };
  for (const auto& [column, format] : kTexts) {
    row.Set(column, absl::FormatTime(format, now, utc));
  }
  row.Set("local_timezone", absl::FormatTime("%Z", now, absl::LocalTimeZone()));
  return absl::OkStatus();
}

}  // namespace

extern const Table kTimeTable = {
    .name = "time",
    .description = "What the clock says, in UTC.",
    .columns =
        {
            {"weekday", ColumnType::kText, "Monday, ..."},
            {"year", ColumnType::kInteger, "Year"},
            {"month", ColumnType::kInteger, "Month, from 1"},
            {"day", ColumnType::kInteger, "Day of the month"},
            {"hour", ColumnType::kInteger, "Hour"},
            {"minutes", ColumnType::kInteger, "Minute"},
            {"seconds", ColumnType::kInteger, "Second"},
            {"timezone", ColumnType::kText, "UTC"},
            {"local_timezone", ColumnType::kText,
             "Name of the time zone of the host"},
            {"unix_time", ColumnType::kInteger, "Seconds since the epoch"},
            {"timestamp", ColumnType::kText, "As of date -u"},
            {"datetime", ColumnType::kText, "In ISO 8601"},
            {"iso_8601", ColumnType::kText, "The same"},
        },
    .generate = GenerateTime,
};

}  // namespace tutti::query
