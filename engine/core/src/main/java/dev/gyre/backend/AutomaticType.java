package dev.gyre.backend;

/**
 * What {@link ComputeType#AUTO} stands for on a device.
 *
 * @param type the type that is taken
 * @param reason why, for people, in half a line
 */
public record AutomaticType(ComputeType type, String reason) {

    public AutomaticType {
        if (type == ComputeType.AUTO) {
            throw new IllegalArgumentException("auto does not stand for itself");
        }
    }
}
