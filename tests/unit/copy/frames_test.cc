#include "copy/frames.h"

#include <vector>

#include "tests/unit/copy/copy_fixture.h"

namespace tutti::copy {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::StatusIs;

TEST(FramesTest, AreFoundInAnySplit) {
  const std::vector<std::string> contents = {
      "", "a", std::string(127, 'b'), std::string(128, 'c'), Noise(20'000, 1)};
  std::string stream;
  for (const std::string& content : contents) AppendFrame(content, stream);
  for (const size_t step :
       {size_t{1}, size_t{7}, size_t{4096}, stream.size()}) {
    FrameSplitter splitter(20'000);
    std::vector<std::string> found;
    for (size_t at = 0; at < stream.size(); at += step) {
      splitter.Append(std::string_view(stream).substr(at, step));
      while (true) {
        const auto frame = splitter.Next();
        TUTTI_ASSERT_OK(frame);
        if (!frame->has_value()) break;
        found.emplace_back(**frame);
      }
    }
    EXPECT_EQ(found, contents) << "in steps of " << step;
    EXPECT_TRUE(splitter.empty());
  }
}

TEST(FramesTest, ALongOneIsRefusedBeforeItComes) {
  std::string stream;
  AppendFrame(std::string(1001, 'x'), stream);
  FrameSplitter splitter(1000);
  splitter.Append(stream.substr(0, 2));
  EXPECT_THAT(splitter.Next(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("1001 bytes")));
}

TEST(FramesTest, ALengthThatNeverEndsIsRefused) {
  FrameSplitter splitter(1000);
  splitter.Append(std::string(9, '\xff'));
  const auto unfinished = splitter.Next();
  TUTTI_ASSERT_OK(unfinished);
  EXPECT_FALSE(unfinished->has_value());
  splitter.Append(std::string(9, '\xff'));
  EXPECT_THAT(splitter.Next(), StatusIs(absl::StatusCode::kDataLoss,
                                        HasSubstr("length of a frame")));
}

}  // namespace
}  // namespace tutti::copy
