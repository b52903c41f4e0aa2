#include "controller/cli/follow/gatherer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace tutti::cli {
namespace {

using ::testing::ElementsAre;

SharedBytes Bytes(const std::string& text) {
  return std::make_shared<const std::string>(text);
}

TEST(RollingDigestTest, DoesNotDependOnHowTheBytesAreCut) {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  RollingDigest whole;
  whole.Append(text);
  for (size_t step = 1; step < text.size(); ++step) {
    RollingDigest pieces;
    for (size_t at = 0; at < text.size(); at += step) {
      pieces.Append(std::string_view(text).substr(at, step));
    }
    EXPECT_EQ(pieces.Finish(), whole.Finish()) << step;
  }
}

TEST(RollingDigestTest, TellsTextsApart) {
  const auto digest = [](std::string_view text) {
    RollingDigest digest;
    digest.Append(text);
    return digest.Finish();
  };
  EXPECT_NE(digest("a"), digest("b"));
  EXPECT_NE(digest(""), digest(std::string_view("\0", 1)));
  EXPECT_NE(digest("abcdefgh"), digest("abcdefghi"));
}

TEST(GathererTest, GroupsEqualOutputHoweverItIsCut) {
  Gatherer gatherer(5);
  gatherer.Append(0, Bytes("one\ntwo\n"));
  gatherer.Append(1, Bytes("other\n"));
  gatherer.Append(2, Bytes("one\n"));
  gatherer.Append(2, Bytes("two\n"));
  gatherer.Append(3, Bytes("o"));
  gatherer.Append(3, Bytes("ne\ntw"));
  gatherer.Append(3, Bytes("o\n"));
  EXPECT_THAT(gatherer.Groups(),
              ElementsAre(ElementsAre(0, 2, 3), ElementsAre(1)));
}

// It is shown with one, so it is the same.
TEST(GathererTest, AMissingLastNewlineMakesNoDifference) {
  Gatherer gatherer(3);
  gatherer.Append(0, Bytes("one"));
  gatherer.Append(1, Bytes("one\n"));
  gatherer.Append(2, Bytes("one\n\n"));
  EXPECT_THAT(gatherer.Groups(),
              ElementsAre(ElementsAre(0, 1), ElementsAre(2)));
  std::string text;
  gatherer.AppendText(0, text);
  EXPECT_EQ(text, "one\n");
}

TEST(GathererTest, HoldsEqualChunksOnce) {
  Gatherer gatherer(2);
  const SharedBytes content = Bytes("same\n");
  gatherer.Append(0, content);
  gatherer.Append(1, content);
  EXPECT_EQ(content.use_count(), 3);
  EXPECT_THAT(gatherer.Groups(), ElementsAre(ElementsAre(0, 1)));
  gatherer.Forget(1);
  EXPECT_EQ(content.use_count(), 2);
  EXPECT_THAT(gatherer.Groups(), ElementsAre(ElementsAre(0)));
}

TEST(GathererTest, LastLines) {
  Gatherer gatherer(1);
  gatherer.Append(0, Bytes("one\ntwo\nth"));
  gatherer.Append(0, Bytes("ree"));
  EXPECT_THAT(gatherer.LastLines(0, 2), ElementsAre("two", "three"));
  EXPECT_THAT(gatherer.LastLines(0, 9), ElementsAre("one", "two", "three"));
}

}  // namespace
}  // namespace tutti::cli
