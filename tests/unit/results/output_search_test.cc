#include "controller/results/output_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/targets/target_expression.h"
#include "controller/results/result_store.h"
#include "tests/support/status_matchers.h"

namespace tutti::controller {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::StatusIs;

Pattern LinesLike(const std::string& text) {
  const auto expression = TargetExpression::Parse("@job:1:output~" + text);
  return *expression.value().root().reference->filter.output;
}

class OutputSearchTest : public ::testing::Test {
 protected:
  struct Piece {
    std::string data;
    v1::OutputStream stream = v1::OUTPUT_STREAM_STDOUT;
  };

  const TaskOutput& Output(const std::vector<Piece>& pieces) {
    TaskOutput& output = *outputs_.emplace_back(std::make_unique<TaskOutput>());
    uint64_t position = 16;
    for (const Piece& piece : pieces) {
      v1::OutputChunk chunk;
      chunk.set_position(position);
      position += 24 + piece.data.size();
      chunk.set_next_position(position);
      chunk.set_stream(piece.stream);
      chunk.set_data(piece.data);
      EXPECT_EQ(store_.Append(output, chunk, 0),
                ResultStore::Appended::kStored);
    }
    return output;
  }

  bool Matches(const std::string& pattern, const std::vector<Piece>& pieces) {
    const Pattern lines = LinesLike(pattern);
    return OutputSearch(lines, budget_).Search(Output(pieces)).value().matches;
  }

  uint64_t budget_ = 1 << 20;
  ResultStore store_{{.task_bytes = 1 << 20, .total_bytes = 2 << 20}};
  std::vector<std::unique_ptr<TaskOutput>> outputs_;
};

TEST_F(OutputSearchTest, HoldsThePatternAgainstEachLine) {
  EXPECT_TRUE(Matches("^b$", {{"a\nb\nc\n"}}));
  EXPECT_TRUE(Matches("^c$", {{"a\nb\nc"}}));
  EXPECT_FALSE(Matches("^ab", {{"a\nb\n"}}));
  EXPECT_FALSE(Matches("x", {}));
}

// Chunks end anywhere.
TEST_F(OutputSearchTest, JoinsALineThatLiesInSeveralChunks) {
  EXPECT_TRUE(Matches("^abc$", {{"x\na"}, {"b"}, {"c\ny"}}));
  EXPECT_TRUE(Matches("^y$", {{"x\na"}, {"b"}, {"c\ny"}}));
  EXPECT_TRUE(Matches("^m$", {{"x"}, {"\nm\ny"}}));
  EXPECT_FALSE(Matches("^c", {{"x\na"}, {"b"}, {"c\ny"}}));
}

TEST_F(OutputSearchTest, KeepsTheStreamsApart) {
  EXPECT_TRUE(
      Matches("^ab$", {{"a"}, {"-", v1::OUTPUT_STREAM_STDERR}, {"b\n"}}));
  EXPECT_TRUE(Matches("^-$", {{"a"}, {"-", v1::OUTPUT_STREAM_STDERR}}));
  EXPECT_FALSE(Matches("-", {{"-", v1::OUTPUT_STREAM_EVENT}}));
}

// Ten thousand targets that say the same must not cost ten thousand searches.
TEST_F(OutputSearchTest, LooksAtEqualContentOnce) {
  const Pattern pattern = LinesLike("nothing");
  const std::string content(1000, 'x');
  OutputSearch search(pattern, budget_);
  EXPECT_FALSE(search.Search(Output({{content + "\n" + content}}))->matches);
  const uint64_t left = budget_;
  EXPECT_FALSE(search.Search(Output({{content + "\n" + content}}))->matches);
  EXPECT_LT(left - budget_, 200u);
}

// The core does nothing else meanwhile.
TEST_F(OutputSearchTest, RefusesWhatIsBeyondItsBudget) {
  const Pattern pattern = LinesLike("y$");
  budget_ = 1000;
  OutputSearch search(pattern, budget_);
  std::string content(2000, 'x');
  content += "y\n";
  EXPECT_THAT(search.Search(Output({{content}})),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("tutti job receive")));
}

// Otherwise a target is left out without a word.
TEST_F(OutputSearchTest, SaysThatMemoryDoesNotHoldAll) {
  const Pattern pattern = LinesLike("x");
  OutputSearch search(pattern, budget_);
  EXPECT_TRUE(search.Search(Output({{"a\n"}}))->whole);
  TaskOutput restored;
  restored.Restore(1000, 500, 0);
  EXPECT_FALSE(search.Search(restored)->whole);
}

}  // namespace
}  // namespace tutti::controller
