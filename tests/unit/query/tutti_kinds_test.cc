#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using TuttiKindsTest = QueryTest;

TEST_F(TuttiKindsTest, AreTheManifestsWithTheirMistakes) {
  EXPECT_THAT(Query("SELECT * FROM tutti_kinds"), IsEmpty());
  Write("/etc/tutti/kinds.d/good.yaml",
        "name: good\nversion: 1.2\nprogram: /bin/sh\n"
        "parameters: [{name: count, type: integer, default: 3}]\n");
  Write("/etc/tutti/kinds.d/bad.yaml", "name: bad\nprogram: nothing-there\n");
  Write("/etc/tutti/kinds.d/README", "no kind");
  EXPECT_THAT(
      Query("SELECT name, version, program, parameters, error FROM tutti_kinds "
            "WHERE error IS NULL"),
      ElementsAre(ElementsAre(
          "good", "1.2", "/bin/sh",
          R"([{"name":"count","type":"integer","default":3}])", "NULL")));
  const TextRows bad =
      Query("SELECT name, error FROM tutti_kinds WHERE error IS NOT NULL");
  ASSERT_EQ(bad.size(), 1u);
  EXPECT_EQ(bad[0][0], "bad");
  EXPECT_THAT(bad[0][1], HasSubstr("bad.yaml: key 'program'"));
}

}  // namespace
}  // namespace tutti::query
