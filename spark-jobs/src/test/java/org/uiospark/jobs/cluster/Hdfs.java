package org.uiospark.jobs.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** Hadoop's own name node and three data nodes, with blocks so small that files take several. */
final class Hdfs implements AutoCloseable {
  private static final long BLOCK_BYTES = 256 << 10;

  private final Locale formats = Locale.getDefault(Locale.Category.FORMAT);
  private final MiniDFSCluster cluster;

  /**
   * Starts it.
   *
   * @param folder for what the nodes keep
   */
  Hdfs(Path folder) throws IOException {
    // The name node writes the numbers of its images by the locale and finds those of 0 to 9 only.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ENGLISH);
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
    configuration.setLong("dfs.namenode.fs-limits.min-block-size", BLOCK_BYTES);
    configuration.setLong("dfs.blocksize", BLOCK_BYTES);
    cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(3).build();
    cluster.waitActive();
  }

  /** As a client sees it. */
  FileSystem files() throws IOException {
    return cluster.getFileSystem();
  }

  /** How users name the path, from its slash on. */
  String uri(String path) {
    return cluster.getURI() + path;
  }

  /** The setting of Spark for clients that write such blocks. */
  static String blocks() {
    return "-Dspark.hadoop.dfs.blocksize=" + BLOCK_BYTES;
  }

  @Override
  public void close() {
    cluster.shutdown(true);
    Locale.setDefault(Locale.Category.FORMAT, formats);
  }
}
