// The text of the configuration files that a new fleet gets.
#ifndef CONTROLLER_ENROLLMENT_FLEET_FILES_H_
#define CONTROLLER_ENROLLMENT_FLEET_FILES_H_

#include <string>
#include <string_view>
#include <vector>

namespace tutti::controller {

// controller.yaml: what was chosen, and the other settings as comments.
std::string ControllerConfiguration(std::string_view fleet,
                                    const std::vector<std::string>& listen);

// operators/config.yaml: the CLI's configuration. Its paths are relative to
// the file, so the folder can be moved as a whole.
std::string OperatorConfiguration(std::string_view fleet,
                                  std::string_view operator_name,
                                  const std::vector<std::string>& controllers);

}  // namespace tutti::controller

#endif  // CONTROLLER_ENROLLMENT_FLEET_FILES_H_
