#include "query/host/distant_mounts.h"

#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tutti::testing::StatusIs;

absl::Status Ignore(std::string_view /*bytes*/) { return absl::OkStatus(); }

class DistantMountsTest : public QueryTest {
 protected:
  DistantMountsTest() { Write("/here/file", ""); }

  Mount At(std::string_view path, std::string type) const {
    return {"srv:/export", Path(path), std::move(type), "rw"};
  }
  void Link(std::string_view path, const std::string& target) {
    std::filesystem::create_symlink(target, Path(path));
  }
};

TEST_F(DistantMountsTest, PathsBelowAreFoundThroughLinks) {
  Link("/here/absolute", Path("/far"));
  Link("/here/relative", "../far/./x");
  Link("/here/nearby", "file");
  Link("/here/loop", "loop");
  const DistantMounts mounts({At("/far", "nfs4"), At("/disk", "ext4")},
                             absl::Seconds(60));
  for (const char* path : {"/far", "/far/", "/far/x/y", "/here/absolute/x",
                           "/here/relative", "/here/../far/x", "//far//x"}) {
    EXPECT_EQ(mounts.Of(Path(path)), Path("/far")) << path;
  }
  for (const char* path : {"/", "/fa", "/farther", "/here/file", "/here/nearby",
                           "/here/loop", "/disk/x", "/here/none/far"}) {
    EXPECT_EQ(mounts.Of(Path(path)), std::nullopt) << path;
  }
  EXPECT_EQ(mounts.Of("relative"), std::nullopt);
  EXPECT_EQ(mounts.Of(""), std::nullopt);
}

TEST_F(DistantMountsTest, TheNewestMountOfAPlaceCounts) {
  const DistantMounts mounts({At("/a", "nfs"),
                              At("/a", "ext4"),
                              At("/b", "ext4"),
                              At("/b", "cifs"),
                              {"srv:/root", "/", "nfs", "rw"}},
                             absl::Seconds(60));
  EXPECT_EQ(mounts.Of(Path("/a/x")), std::nullopt);
  EXPECT_EQ(mounts.Of(Path("/b/x")), Path("/b"));
}

// If this fails, one home that does not answer takes all others with it.
TEST_F(DistantMountsTest, EachNameInAnAutomountIsAPlace) {
  const DistantMounts mounts({At("/home", "autofs"), At("/home/alice", "nfs4")},
                             absl::Seconds(60));
  EXPECT_EQ(mounts.Of(Path("/home/alice/.ssh/a")), Path("/home/alice"));
  EXPECT_EQ(mounts.Of(Path("/home/bob/.ssh/a")), Path("/home/bob"));
  EXPECT_EQ(mounts.Of(Path("/home")), Path("/home"));
}

TEST_F(DistantMountsTest, TypesAreThoseWithAServer) {
  for (const char* type : {"nfs", "nfs4", "cifs", "smb3", "9p", "ceph",
                           "fuse.sshfs", "fuse.glusterfs", "fuse", "autofs"}) {
    EXPECT_TRUE(IsDistant(type)) << type;
  }
  for (const char* type : {"ext4", "tmpfs", "fuseblk", "nfsd", "overlay", ""}) {
    EXPECT_FALSE(IsDistant(type)) << type;
  }
}

TEST_F(DistantMountsTest, WhatIsHereIsDoneHere) {
  DistantMounts mounts({At("/far", "nfs")}, absl::Seconds(60));
  const pid_t here = getpid();
  for (const char* path : {"/here/file", "/far/x"}) {
    std::string by;
    TUTTI_EXPECT_OK(mounts.Reach(
        Path(path),
        [](const Take& give) { return give(std::to_string(getpid())); },
        [&](std::string_view bytes) {
          by += bytes;
          return absl::OkStatus();
        }));
    EXPECT_EQ(by == std::to_string(here), std::string_view(path) != "/far/x");
  }
  EXPECT_THAT(mounts.Silent(), IsEmpty());
}

TEST_F(DistantMountsTest, WhatDoesNotAnswerIsNotAskedAgain) {
  DistantMounts mounts({At("/far", "nfs"), At("/other", "nfs")},
                       absl::Milliseconds(50));
  const auto hang = [](const Take&) {
    while (true) pause();
    return absl::OkStatus();
  };
  EXPECT_THAT(mounts.Reach(Path("/far/x"), hang, Ignore),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("(nfs srv:/export)"),
                             HasSubstr("does not answer"))));
  const auto answer = [](const Take& give) { return give("x"); };
  EXPECT_THAT(mounts.Reach(Path("/far/y"), answer, Ignore),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/far")));
  TUTTI_EXPECT_OK(mounts.Reach(Path("/other/y"), answer, Ignore));
  EXPECT_THAT(mounts.Silent(), ElementsAre(HasSubstr("/far (nfs")));
}

}  // namespace
}  // namespace tutti::query
