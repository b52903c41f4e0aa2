// The program as the runner starts it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/base/file_descriptor.h"
#include "common/jobs/query_exit.h"
#include "common/text/shell_quote.h"
#include "copy/frames.h"
#include "copy/gathered_folder.h"
#include "tests/support/process.h"
#include "tests/unit/copy/copy_fixture.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TUTTI_SANITIZED
#endif
#endif

namespace tutti::copy {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tutti::testing::Finished;
using ::tutti::testing::Process;
using ::tutti::testing::RunToEnd;

constexpr char kProgram[] = TUTTI_COPY_PROGRAM;

Process::Options Shell(const std::string& command) {
  Process::Options options;
  options.arguments = {"/bin/sh", "-c", command};
  return options;
}

class ProgramTest : public CopyTest {
 protected:
  std::string ManifestOption() const {
    return "--manifest=" + absl::BytesToHexString({manifest_digest_.data(),
                                                   manifest_digest_.size()});
  }

  // `tutti-copy place`, fed over pipes until it ends or `blocks` were given;
  // `limits` are commands of the shell before it.
  int Place(const std::vector<std::string>& arguments, size_t blocks = ~0u,
            const std::string& limits = "") {
    const std::string answers = pipes_.File("answers");
    const std::string requests = pipes_.File("requests");
    for (const std::string& path : {answers, requests}) {
      unlink(path.c_str());
      EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    }
    std::string command =
        fmt::format("{} exec {} place {}", limits, kProgram, ManifestOption());
    for (const std::string& word : arguments) {
      command += " " + ShellQuote(word);
    }
    command += fmt::format(" <{} >{} 3>{} 4>{}", answers, requests,
                           pipes_.File("messages"), pipes_.File("result"));
    Process process(Shell(command));
    Feed(answers, requests, blocks);
    const int status = process.Wait();
    process.Drain();
    error_ = process.error();
    return status;
  }

  void Feed(const std::string& answers_path, const std::string& requests_path,
            size_t blocks) {
    const FileDescriptor answers(
        open(answers_path.c_str(), O_WRONLY | O_CLOEXEC));
    const FileDescriptor requests(
        open(requests_path.c_str(), O_RDONLY | O_CLOEXEC));
    PackFeeder feeder(*pack_);
    std::string buffer(4096, '\0');
    // One more for the manifest.
    for (size_t left = blocks + 1; left > 0;) {
      const ssize_t n = read(requests.get(), buffer.data(), buffer.size());
      if (n <= 0) return;
      ASSERT_THAT(feeder.OnRequests({buffer.data(), static_cast<size_t>(n)}),
                  testing::IsOk());
      for (; feeder.ready() && left > 0; --left) {
        if (!WriteAll(answers.get(), *feeder.Next(), "an answer").ok()) return;
      }
    }
  }

  testing::TemporaryDirectory pipes_;
  std::string error_;
};

TEST_F(ProgramTest, SaysByItsExitWhetherSomethingChanged) {
  MakeRandomTree(Source("tree"), 1);
  Pack({Source("tree")});
  EXPECT_EQ(Place({Target("copy")}), kExitYielded) << error_;
  EXPECT_EQ(Snapshot(Target("copy")), Snapshot(Source("tree")));
  EXPECT_THAT(ReadWhole(pipes_.File("result")),
              AllOf(HasSubstr("{\"files\":"), HasSubstr("\"changed\":"),
                    HasSubstr("\"received_bytes\":")));
  TUTTI_ASSERT_OK(Copy({Source("tree")}, target_.path()));
  EXPECT_EQ(Place({"--if-changed", target_.path()}), 0) << error_;
  EXPECT_THAT(
      ReadWhole(pipes_.File("result")),
      AllOf(HasSubstr("\"changed\":0,"), HasSubstr("\"received_bytes\":0}")));
}

TEST_F(ProgramTest, FailsInOneLine) {
  WriteFile(Source("file"), Noise(10 * kSmallBlock, 1));
  Pack({Source("file")});
  EXPECT_EQ(Place({"/no/such/folder/file"}), 1);
  EXPECT_EQ(error_,
            "tutti-copy: the folder /no/such/folder is not there; make it "
            "first\n");
  EXPECT_EQ(Place({Target("file")}, 3), 1);
  EXPECT_THAT(error_, HasSubstr("the connection ended before everything came"));
  EXPECT_EQ(Place({Target("file")}), kExitYielded);
  EXPECT_THAT(
      ReadWhole(pipes_.File("result")),
      HasSubstr(fmt::format("\"received_bytes\":{}}}", 7 * (kSmallBlock + 1))));
}

TEST_F(ProgramTest, HoldsNoFileInMemory) {
#ifdef TUTTI_SANITIZED
  GTEST_SKIP() << "a sanitizer needs more addresses than the limit";
#endif
  pack_options_.block_bytes = kBlockBytes;
  std::string content;
  for (int i = 0; i < 8; ++i) content += Noise(32 << 20, i);
  WriteFile(Source("large"), content);
  Pack({Source("large")});
  // 96 MiB of addresses, of which the libraries take the most, for a file of
  // 256 MiB.
  EXPECT_EQ(Place({Target("large")}, ~0u, "ulimit -v 98304;"), kExitYielded)
      << error_;
  EXPECT_EQ(ReadWhole(Target("large")), content);
}

TEST_F(ProgramTest, MisuseStartsNothing) {
  const auto run = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), kProgram);
    Process::Options options;
    options.arguments = std::move(arguments);
    return RunToEnd(options);
  };
  const Finished digest = run({"place", "--manifest", "abc", "/tmp/x"});
  EXPECT_EQ(digest.status, 2);
  EXPECT_THAT(digest.error, HasSubstr("'abc' is no SHA-256"));
  EXPECT_EQ(run({"gather"}).status, 2);
  const Finished option = run({"gather", "--folow-links", "/etc/hosts"});
  EXPECT_EQ(option.status, 2);
  EXPECT_THAT(option.error, HasSubstr("no option --folow-links"));
  EXPECT_EQ(run({}).status, 2);
  EXPECT_EQ(run({"--help"}).status, 0);
}

TEST_F(ProgramTest, GathersWhatIsThereAndFailsForTheRest) {
  WriteFile(Source("[a,b]"), "first");
  WriteFile(Source("-dash"), "second");
  const Finished finished = RunToEnd(Shell(
      fmt::format("cd {} && exec {} gather '[a,b]' missing -- -dash >{}",
                  ShellQuote(source_.path()), kProgram, Target("stream"))));
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.error, IsEmpty());
  testing::TemporaryDirectory out;
  TUTTI_ASSERT_OK_AND_ASSIGN(GatheredFolder folder,
                             GatheredFolder::Open(out.path(), {}));
  GatheredReader reader(folder);
  TUTTI_EXPECT_OK(reader.Feed(ReadWhole(Target("stream"))));
  TUTTI_EXPECT_OK(reader.Finish());
  EXPECT_EQ(reader.problems(), 1u);
  EXPECT_EQ(ReadWhole(out.File("[a,b]")), "first");
  EXPECT_EQ(ReadWhole(out.File("-dash")), "second");
}

}  // namespace
}  // namespace tutti::copy
