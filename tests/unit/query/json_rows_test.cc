#include "query/output/json_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <limits>
#include <string>

#include "common/base/file_descriptor.h"
#include "tests/support/status_matchers.h"

namespace tutti::query {
namespace {

using ::testing::HasSubstr;
using tutti::testing::StatusIs;

TEST(JsonRowsTest, EachKindOfValueHasItsForm) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const FileDescriptor read_end(ends[0]);
  FileDescriptor write_end(ends[1]);
  JsonRows rows(write_end.get());
  TUTTI_ASSERT_OK(rows.OnColumns({{"a", "TEXT"}, {"b", ""}}));
  TUTTI_ASSERT_OK(rows.OnRow({std::string("é\n"), int64_t{-5}}));
  TUTTI_ASSERT_OK(rows.OnRow({std::monostate(), 0.5}));
  TUTTI_ASSERT_OK(rows.OnRow({std::string("\xff"), Blob{"hi"}}));
  TUTTI_ASSERT_OK(
      rows.OnRow({std::numeric_limits<double>::infinity(), int64_t{1}}));
  TUTTI_ASSERT_OK(rows.Finish());
  write_end.Reset();
  char text[4096];
  const ssize_t size = read(read_end.get(), text, sizeof text);
  ASSERT_GT(size, 0);
  EXPECT_EQ(std::string(text, static_cast<size_t>(size)),
            "{\"columns\":[\"a\",\"b\"],\"types\":[\"TEXT\",\"\"]}\n"
            "[\"é\\n\",-5]\n"
            "[null,0.5]\n"
            "[{\"base64\":\"/w==\"},{\"base64\":\"aGk=\"}]\n"
            "[null,1]\n");
}

// If this fails, a query can fill the spool of its host.
TEST(JsonRowsTest, RowsPastTheLimitAreRefused) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const FileDescriptor read_end(ends[0]);
  const FileDescriptor write_end(ends[1]);
  // The header is 31 bytes long, a row 4.
  JsonRows rows(write_end.get(), 31 + 2 * 4);
  TUTTI_ASSERT_OK(rows.OnColumns({{"a", ""}}));
  TUTTI_ASSERT_OK(rows.OnRow({int64_t{1}}));
  TUTTI_ASSERT_OK(rows.OnRow({int64_t{2}}));
  EXPECT_THAT(rows.OnRow({int64_t{3}}),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("query_rows_limit")));
  EXPECT_EQ(rows.count(), 2u);
  TUTTI_ASSERT_OK(rows.Finish());
  char text[100];
  EXPECT_EQ(read(read_end.get(), text, sizeof text), 31 + 2 * 4);
}

}  // namespace
}  // namespace tutti::query
