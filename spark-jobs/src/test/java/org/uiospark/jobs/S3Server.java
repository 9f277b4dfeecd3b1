package org.uiospark.jobs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.TransientApiMetadata;
import org.jclouds.blobstore.domain.MultipartUpload;
import org.jclouds.blobstore.domain.PageSet;
import org.jclouds.blobstore.domain.StorageMetadata;
import org.jclouds.blobstore.options.ListContainerOptions;

/** An S3 server over memory, which asks for credentials, behind a network that can be faulty. */
public final class S3Server {
  public static final String KEY = "AKIAUIOTEST000000000";

  /** As those of AWS: with slashes and plus signs. */
  public static final String SECRET = "uio/Secret+" + UUID.randomUUID() + "/end";

  private final BlobStoreContext store;
  private final S3Proxy server;
  private final FaultyNetwork network;

  /** Starts it; which requests are spoilt follows from the seed. */
  public S3Server(long seed) throws Exception {
    store =
        ContextBuilder.newBuilder(new TransientApiMetadata())
            .credentials(KEY, SECRET)
            .build(BlobStoreContext.class);
    server =
        S3Proxy.builder()
            .blobStore(store.getBlobStore())
            .awsAuthentication(AuthenticationType.AWS_V4, KEY, SECRET)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .ignoreUnknownHeaders(true)
            .build();
    server.start();
    network = new FaultyNetwork(server.getPort(), seed);
  }

  /** Creates an empty one. */
  public void createBucket(String name) {
    store.getBlobStore().createContainerInLocation(null, name);
  }

  /** Where clients find it, as the setting {@code fs.s3a.endpoint}. */
  public String endpoint() {
    return "http://127.0.0.1:" + network.port();
  }

  FaultyNetwork network() {
    return network;
  }

  /** Puts an object there, past the network. */
  void put(String bucket, String name, byte[] content) {
    BlobStore blobs = store.getBlobStore();
    blobs.putBlob(
        bucket, blobs.blobBuilder(name).payload(content).contentLength(content.length).build());
  }

  /** Every object of a bucket by name. */
  Map<String, byte[]> objects(String bucket) {
    BlobStore blobs = store.getBlobStore();
    Map<String, byte[]> objects = new TreeMap<>();
    ListContainerOptions all = ListContainerOptions.Builder.recursive();
    String marker = "";
    while (marker != null) {
      PageSet<? extends StorageMetadata> page =
          blobs.list(bucket, marker.isEmpty() ? all : all.afterMarker(marker));
      for (StorageMetadata entry : page) {
        try (InputStream in = blobs.getBlob(bucket, entry.getName()).getPayload().openStream()) {
          objects.put(entry.getName(), in.readAllBytes());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      marker = page.getNextMarker();
    }
    return objects;
  }

  /** Uploads in parts that were neither completed nor aborted. */
  List<MultipartUpload> unfinishedUploads(String bucket) {
    return store.getBlobStore().listMultipartUploads(bucket);
  }

  /** Ends it; what was stored is gone. */
  public void stop() throws Exception {
    network.close();
    server.stop();
    store.close();
  }
}
