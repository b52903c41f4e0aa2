#include "controller/cli/fetch/fetch_view.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "common/base/files.h"
#include "copy/frames.h"
#include "copy/gather.h"
#include "copy/gathered_stream.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tutti::testing::TemporaryDirectory;

class FetchViewTest : public ::testing::Test {
 protected:
  FetchViewTest() { options_.folder = out_.path(); }

  // What tutti-copy would write for a file of this content.
  std::string StreamOf(const std::string& content) {
    const std::string path = source_.File("file");
    EXPECT_TRUE(WriteFileAtomically(path, content, 0640).ok());
    const FileDescriptor stream(open(source_.File("stream").c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                                     0600));
    EXPECT_TRUE(copy::Gather({path}, {}, stream.get()).ok());
    return ReadFile(source_.File("stream")).value();
  }
  // Everything in the folder, but for folders.
  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(out_.path())) {
      if (!entry.is_directory()) files.push_back(entry.path().string());
    }
    return files;
  }

  TemporaryDirectory source_;
  TemporaryDirectory out_;
  FetchViewOptions options_;
  bool failed_ = false;
};

TEST_F(FetchViewTest, EachTargetHasItsFolder) {
  ViewedJob<FetchView> job("web[1-2]", 2, options_, &failed_);
  for (const uint32_t task : {0u, 1u}) {
    for (const char byte : StreamOf("content")) {
      job.Say(task, std::string(1, byte));
    }
    job.Apply(StatusMessage(task, Ended(v1::TASK_STATE_COMPLETED, 0)));
  }
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(ReadFile(out_.File("web2/file")).value(), "content");
  EXPECT_EQ(job.output, "fetched 2 files, 14 B from 2 targets\n");
  EXPECT_EQ(job.error, "");
  EXPECT_FALSE(failed_);
}

// If this fails, half a file is taken for a whole one.
TEST_F(FetchViewTest, WhatBreaksOffLeavesNoHalfFile) {
  const std::string stream = StreamOf("content");
  ViewedJob<FetchView> job("web1", 1, options_, &failed_);
  job.Say(0, stream.substr(0, stream.size() - 45));
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_THAT(Files(), IsEmpty());
  EXPECT_TRUE(failed_);
  EXPECT_THAT(job.error, HasSubstr("web1: "));
  EXPECT_THAT(job.error, HasSubstr("before everything came"));
}

// A target may have no end of them.
TEST_F(FetchViewTest, OfManyProblemsTheFirstAreNamedAndTheOthersCounted) {
  std::string stream(copy::kGatheredHeader);
  v1::GatheredRecord record;
  record.mutable_problem()->set_message("cannot be read");
  for (size_t i = 0; i < FetchedTarget::kMaxProblems + 2; ++i) {
    copy::AppendFrame(record.SerializeAsString(), stream);
  }
  ViewedJob<FetchView> job("web1", 1, options_, &failed_);
  job.Say(0, stream);
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(std::count(job.error.begin(), job.error.end(), '\n'),
            FetchedTarget::kMaxProblems + 1);
  const size_t last = job.error.rfind("web1: ");
  ASSERT_NE(last, std::string::npos);
  EXPECT_EQ(job.error.substr(last),
            "web1: tutti: 2 more paths could not be sent\n");
}

TEST_F(FetchViewTest, BytesOfAnotherKindAreRefusedOnce) {
  ViewedJob<FetchView> job("web1", 1, options_, &failed_);
  job.Say(0, "this is no stream");
  job.Say(0, "and neither is this");
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_TRUE(failed_);
  EXPECT_EQ(std::count(job.error.begin(), job.error.end(), '\n'), 1);
  EXPECT_THAT(Files(), IsEmpty());
}

// Its state says it all.
TEST_F(FetchViewTest, OneThatWasStoppedIsNotBlamed) {
  const std::string stream = StreamOf("content");
  ViewedJob<FetchView> job("web[1-2]", 2, options_, &failed_);
  job.Say(0, stream.substr(0, 40));
  job.Apply(StatusMessage(0, Status(v1::TASK_STATE_STOPPED)));
  job.Apply(StatusMessage(1, Status(v1::TASK_STATE_EXPIRED)));
  TUTTI_EXPECT_OK(job.view().Finish(3));
  EXPECT_EQ(job.error, "");
  EXPECT_FALSE(failed_);
  EXPECT_THAT(Files(), IsEmpty());
}

}  // namespace
}  // namespace tutti::cli
