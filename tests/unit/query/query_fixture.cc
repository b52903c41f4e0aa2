#include "tests/unit/query/query_fixture.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <variant>

#include "common/base/status_macros.h"
#include "query/cim/all_views.h"
#include "query/tables/all_tables.h"

namespace tutti::query {
namespace {

struct ToText {
  std::string operator()(std::monostate) const { return "NULL"; }
  std::string operator()(int64_t number) const {
    return std::to_string(number);
  }
  std::string operator()(double number) const {
    return fmt::format("{}", number);
  }
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(const Blob& blob) const { return blob.bytes; }
};

class TextSink : public ResultSink {
 public:
  absl::Status OnColumns(
      const std::vector<ResultColumn>& /*columns*/) override {
    return absl::OkStatus();
  }
  absl::Status OnRow(const std::vector<ResultValue>& row) override {
    std::vector<std::string>& texts = rows.emplace_back();
    for (const ResultValue& value : row) {
      texts.push_back(std::visit(ToText(), value));
    }
    return absl::OkStatus();
  }

  TextRows rows;
};

absl::StatusOr<TextRows> TryRowsOf(Database& database, std::string_view sql) {
  TextSink sink;
  TUTTI_RETURN_IF_ERROR(database.Run(sql, sink));
  return std::move(sink.rows);
}

}  // namespace

TextRows RowsOf(Database& database, std::string_view sql) {
  absl::StatusOr<TextRows> rows = TryRowsOf(database, sql);
  EXPECT_TRUE(rows.ok()) << sql << ": " << rows.status();
  return rows.value_or(TextRows());
}

void QueryTest::Write(std::string_view path, std::string_view content) {
  const std::filesystem::path file = Path(path);
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
}

std::string QueryTest::Path(std::string_view path) const {
  return root_.path() + std::string(path);
}

Database& QueryTest::database() {
  if (database_ == nullptr) {
    auto opened = Database::Open(AllTables(), AllViews(), root_.path());
    EXPECT_TRUE(opened.ok()) << opened.status();
    database_ = *std::move(opened);
  }
  return *database_;
}

absl::StatusOr<TextRows> QueryTest::TryQuery(std::string_view sql) {
  return TryRowsOf(database(), sql);
}

TextRows QueryTest::Query(std::string_view sql) {
  return RowsOf(database(), sql);
}

}  // namespace tutti::query
