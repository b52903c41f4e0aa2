// What the jobs of a test wait for.
#ifndef TESTS_SUPPORT_GATE_H_
#define TESTS_SUPPORT_GATE_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "common/base/files.h"

namespace tutti::testing {

// A file that is not there until the test opens the gate.
class Gate {
 public:
  explicit Gate(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  // Shell text that waits until it is open.
  std::string Wait() const {
    return "while [ ! -e " + path_ + " ]; do sleep 0.02; done";
  }
  void Open() const {
    EXPECT_TRUE(WriteFileAtomically(path_, "", 0644).ok()) << path_;
  }

 private:
  std::string path_;
};

}  // namespace tutti::testing

#endif  // TESTS_SUPPORT_GATE_H_
