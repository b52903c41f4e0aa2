// A folder that goes with the test.
#ifndef TESTS_SUPPORT_TEMPORARY_DIRECTORY_H_
#define TESTS_SUPPORT_TEMPORARY_DIRECTORY_H_

#include <string>
#include <string_view>

namespace tutti::testing {

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  // Removes it with everything in it.
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  // path()/name
  std::string File(std::string_view name) const;

 private:
  std::string path_;
};

}  // namespace tutti::testing

#endif  // TESTS_SUPPORT_TEMPORARY_DIRECTORY_H_
