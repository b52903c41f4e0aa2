#include "controller/cli/follow/column_union.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/base/ascii.h"

namespace tutti::cli {
namespace {

std::string LowerName(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), ToLower);
  return lower;
}

}  // namespace

ColumnUnion::ColumnUnion(const std::vector<std::string_view>& taken) {
  for (const std::string_view name : taken) taken_.insert(LowerName(name));
}

std::vector<size_t> ColumnUnion::Add(
    const std::vector<query::ResultColumn>& own) {
  std::vector<size_t> places;
  places.reserve(own.size());
  for (const query::ResultColumn& column : WithDistinctNames(own, taken_)) {
    const auto [found, added] =
        places_.try_emplace(LowerName(column.name), columns_.size());
    if (added) columns_.push_back(column);
    places.push_back(found->second);
  }
  return places;
}

std::vector<query::ResultColumn> WithDistinctNames(
    std::vector<query::ResultColumn> columns, std::set<std::string> taken) {
  for (query::ResultColumn& column : columns) {
    std::string name = column.name;
    for (int number = 2; !taken.insert(LowerName(name)).second; ++number) {
      name = fmt::format("{}:{}", column.name, number);
    }
    column.name = std::move(name);
  }
  return columns;
}

}  // namespace tutti::cli
