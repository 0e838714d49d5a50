package dev.gyre.backend;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A {@link Backend} whose kernels have settings that can be tried on a device. */
public interface Tunable {

    /**
     * A product of rows with a weight.
     *
     * @param columns of the result, which are the rows of the weight
     * @param inner columns of the weight
     */
    record Product(int columns, int inner) {

        public Product {
            if (columns < 1 || inner < 1) {
                throw new IllegalArgumentException("a product of " + columns + " columns and " + inner + " inner");
            }
        }
    }

    /**
     * What to tune.
     *
     * @param products those that count; one for each class of shapes is enough
     * @param headSize columns of a head of attention
     * @param limit time after which no further candidate is begun and no further product of one timed; building and checking
     *     a candidate is finished. What is found until then is kept
     * @param file where to write; null for the place where {@link Backend#open} looks
     * @param progress takes a line for people, one for each candidate
     */
    record Order(
            List<Product> products,
            int headSize,
            Duration limit,
            @Nullable Path file,
            Consumer<String> progress) {

        public Order {
            products = List.copyOf(products);
        }
    }

    /**
     * Tries settings for the compute type and the kind of kernels of the options. Each is checked before its time is
     * looked at. What the file has for them is first, if it is right, and others have to be faster; the file is written where
     * it has nothing right for them, and after every improvement, so that an interruption keeps what was found.
     *
     * @return the file, which has the best that was found in this and earlier runs
     * @throws DeviceException if the device cannot be used, has nothing to tune, or the file cannot be written
     */
    Path tune(int index, DeviceOptions options, Order order);

    /**
     * What a tuner may choose with these kernels, as far as it goes, each as {@link DeviceOptions#tuning} takes it: first what
     * is built in, then every tile twice, with the other settings at the one end and at the other, then the widths of
     * attention. In int8 every unit that can be forced, and each without tiles twice more in the same way.
     */
    List<Map<String, String>> candidates(int index, DeviceOptions options);
}
