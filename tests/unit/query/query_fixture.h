// Queries over the files of a host that a test makes up.
#ifndef TESTS_UNIT_QUERY_QUERY_FIXTURE_H_
#define TESTS_UNIT_QUERY_QUERY_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/engine/database.h"
#include "tests/support/temporary_directory.h"

namespace tutti::query {

// Rows as text: NULL is "NULL", bytes are as they are.
using TextRows = std::vector<std::vector<std::string>>;

// Rows of any database. A query that fails fails the test.
TextRows RowsOf(Database& database, std::string_view sql);

// Its host has no files but those that are written.
class QueryTest : public ::testing::Test {
 protected:
  // Makes the folders, too. `path` is absolute.
  void Write(std::string_view path, std::string_view content);
  // An absolute path of the host, here.
  std::string Path(std::string_view path) const;

  // Of all tables. A query that fails fails the test.
  TextRows Query(std::string_view sql);
  // The same with its error.
  absl::StatusOr<TextRows> TryQuery(std::string_view sql);
  Database& database();

 private:
  tutti::testing::TemporaryDirectory root_;
  std::unique_ptr<Database> database_;
};

}  // namespace tutti::query

#endif  // TESTS_UNIT_QUERY_QUERY_FIXTURE_H_
