"""What a load balancer or Kubernetes asks: does this process live, and may it get requests?"""
