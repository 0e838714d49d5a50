package dev.gyre.cli;

import dev.gyre.graph.Graph;
import dev.gyre.graph.Program;
import dev.gyre.inspect.GraphFormat;
import dev.gyre.inspect.Inspection;
import dev.gyre.models.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gyre inspect}. */
@Command(
        name = "inspect",
        sortOptions = false,
        description =
                "Says what a model is: family, sizes, parameters, stored types, bytes on a device by purpose, and the"
                        + " operations of its graphs.")
final class InspectCommand implements Callable<Integer> {

    @Parameters(paramLabel = "DIR", description = "A model's folder.")
    private Path folder = Path.of("");

    @Option(
            names = "--graph",
            paramLabel = "text|dot|mermaid",
            description = "Print the graphs instead: a line for an operation, for Graphviz, or for Mermaid.")
    private @Nullable GraphFormat format;

    @Option(names = "--recorded", description = "With --graph: as they are recorded, before operations are fused.")
    private boolean recorded;

    @Option(names = "--only", paramLabel = "encode|decode", description = "With --graph: this graph only.")
    private @Nullable String only;

    @Mixin
    private CommonOptions common = new CommonOptions();

    private final Streams streams;

    InspectCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (format == null && (recorded || only != null)) {
            throw new UserException((recorded ? "--recorded" : "--only") + " needs --graph");
        }
        String text;
        try (ModelDirectory model = ModelDirectory.open(folder)) {
            Inspection inspection = Inspection.of(model);
            text = format == null
                    ? InspectionText.of(inspection)
                    : graphs(recorded ? inspection.recorded() : inspection.program(), format);
        }
        streams.write(text);
        return ExitCode.OK;
    }

    private String graphs(Program program, GraphFormat as) {
        StringBuilder text = new StringBuilder();
        for (Graph graph : program.graphs()) {
            if (only == null || graph.name().equals(only)) {
                text.append(as.render(graph));
            }
        }
        if (text.isEmpty()) {
            throw new UserException("there is no graph \"" + only + "\"; there are "
                    + String.join(
                            ", ", program.graphs().stream().map(Graph::name).toList()));
        }
        return text.toString();
    }
}
