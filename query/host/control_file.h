// Files of fields in paragraphs, as dpkg and apt write them (deb822(5)).
#ifndef QUERY_HOST_CONTROL_FILE_H_
#define QUERY_HOST_CONTROL_FILE_H_

#include <string_view>
#include <vector>

namespace tutti::query {

// Views into the text that was parsed.
class ControlParagraph {
 public:
  // Whatever the case of `name`; empty: there is none. Continuation lines are
  // part of the value as they stand, comments between them, too.
  std::string_view Get(std::string_view name) const;
  bool empty() const { return fields_.empty(); }

  void Add(std::string_view name, std::string_view value) {
    fields_.push_back({name, value});
  }
  // Makes the last field's value reach to the end of `line`, which follows it.
  void Continue(std::string_view line);

 private:
  struct Field {
    std::string_view name, value;
  };
  std::vector<Field> fields_;
};

// What is no field is left out.
std::vector<ControlParagraph> ParagraphsOf(std::string_view text);

}  // namespace tutti::query

#endif  // QUERY_HOST_CONTROL_FILE_H_
